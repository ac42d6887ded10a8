"""Tests of reading the audit log."""
