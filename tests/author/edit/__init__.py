"""Tests of edits by program."""
