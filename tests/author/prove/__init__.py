"""Tests of properties and proofs."""
