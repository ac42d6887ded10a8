"""Tests of explaining: text, data, picture."""
