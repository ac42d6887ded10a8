"""Measurements against the numbers of docs/performance.md: `python -m boosterwatch.tests.bench`.

Nothing here asserts a time. Every function takes its size as an argument, so that a test can try all of them quickly.
"""
