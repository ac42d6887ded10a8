"""Why, why not, how near and what is missing, read from a decision alone."""
