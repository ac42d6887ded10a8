"""Tests of what a clinical lead runs."""
