"""Checking a log: what is whole passes, and every change is found."""
