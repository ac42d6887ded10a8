"""Tests of keys, keyrings, signatures and approval. Keys are made in the tests, from fixed seeds; none is kept."""
