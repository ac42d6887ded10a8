"""Packs for tests: copies and edits of the default pack, and whole invented ones."""
