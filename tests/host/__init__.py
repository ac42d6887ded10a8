"""Tests of bundles and hosts. Releases are made in memory from the quick screen; keys come from fixed seeds."""
