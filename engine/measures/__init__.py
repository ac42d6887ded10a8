"""Pure functions that derive measures from a record, one file per family."""
