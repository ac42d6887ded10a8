"""Clinical lints: what is wrong with a pack whose shape, names and types are right."""
