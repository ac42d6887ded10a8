"""What was decided, kept: an append-only, signed log of decisions, and what is asked of it years later.

Flow: decide, explain -> **audit**. `log/` stores entries and signs heads; it knows nothing of decisions. The modules
beside it make entries out of decisions, keep the keys, replay and erase; `check/` verifies and proves.
Importing this package imports no database and no cryptography.
"""
