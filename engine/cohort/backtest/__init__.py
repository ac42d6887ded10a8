"""A policy over a series of earlier dates, held against the losses of benefit that were recorded."""
