"""Tests of the symbolic model."""
