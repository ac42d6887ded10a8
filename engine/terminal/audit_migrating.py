"""`audit migrate`."""

from __future__ import annotations

from boosterwatch.engine.audit.log.migrate import migrate
from boosterwatch.engine.explain.page import Text
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page


def migrate_log(url: str, form: Form) -> int:
    """Bring the tables of a log to the newest version, and tell both. Raises LogError."""
    before, after = migrate(url)
    if form == "json":
        print_json({"before": before, "after": after})
    elif before == after:
        print_page((Text(f"The audit log has version {after} already."),))
    else:
        print_page((Text(f"The audit log was brought from version {before} to {after}."),))
    return FINE
