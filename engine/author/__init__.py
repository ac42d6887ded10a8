"""Tools a clinical lead runs on a pack: check, test, compare, release."""
