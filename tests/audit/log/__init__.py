"""The log core: hashes, store, sequencer, heads; on SQLite and PostgreSQL."""
