"""Tests of forward chaining."""
