"""What a change of policy would do to a cohort, and what a policy would have said in its past."""
