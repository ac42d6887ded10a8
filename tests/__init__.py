"""Tests; they mirror the tree and are not part of the wheel."""
