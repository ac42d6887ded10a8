"""The command of `audit` that brings an older log to today's tables."""

from __future__ import annotations

import click

from boosterwatch.engine.terminal.audit_options import with_url
from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form


@click.command(cls=GuardedCommand)
@with_url
@with_form
def migrate(url: str, form: Form) -> int:
    """Bring the tables of an older log to the version of this program.

    Entries, sealed parts and signed heads stay as they are. Nothing may write meanwhile. It happens in one transaction:
    interrupted, the log has its old version or its new one. Make a backup before, as for any change of a database.

    \b
    boosterwatch audit migrate sqlite:///audit.db
    """
    from boosterwatch.engine.terminal.audit_migrating import migrate_log

    return migrate_log(url, form)
