"""Releases, the drafts after them, and what a release refuses."""
