"""The tables of each version: Alembic scripts, run by `migrate.py`. A script that was released never changes."""
