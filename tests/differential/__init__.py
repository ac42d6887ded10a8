"""Both engines on the same packs and records, many times over; see `__main__.py`."""
