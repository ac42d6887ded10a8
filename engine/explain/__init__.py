"""Why, why not, how near, what is missing: a decision told as text or drawn as a picture."""
