"""The log core: entries in order, a chain and a tree of hashes over them, signed heads; SQLite or PostgreSQL.

`api.py` holds its types, `merkle.py` its hashes. It knows nothing of decisions, patients' keys or packs.
"""
