"""Tests of mutation and of the rehearsal under it."""
