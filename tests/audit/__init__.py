"""The audit: the log of decisions, what is asked of it, and whether it is whole."""
