"""Overlays: what a site may change, what it may not, and what the trace says of it."""
