"""What another policy would change: two results tables of one cohort compared, and the patients behind each change.

Everything here is counted from results tables, whichever engine made them; only the examples are evaluated by row.
"""
