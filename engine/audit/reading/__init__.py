"""What an auditor asks of a log: which decisions, what one of them says, a copy of them, and what they add up to.

Flow: log -> **search, show, export, stats** -> page, JSON, files. Nothing here writes to a log: whoever shows what is
sealed records that first (`engine/audit/reads.py`).
"""
