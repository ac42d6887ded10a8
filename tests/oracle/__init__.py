"""A second reading of the policy text, written apart from the engine, to compare with it."""
