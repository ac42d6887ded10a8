"""The command that makes one file of a released pack: `bundle`."""

from __future__ import annotations

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form


@click.command(cls=GuardedCommand)
@click.argument("pack")
@click.option("-o", "--out", metavar="FILE", required=True, help="The bundle to write; one that is there is replaced.")
@click.option("--keyring", metavar="FILE", help="Write only what is approved under this keyring today.")
@click.option(
    "--signatures",
    metavar="FOLDER",
    help="The folder of the signatures; by default `signatures` in that of the pack.",
)
@with_form
def bundle(pack: str, out: str, keyring: str | None, signatures: str | None, form: Form) -> int:
    """Put a released PACK and its signatures into one file, for hosts that load it verified.

    The same folder gives the same bytes. What was changed after the release is refused, and the old file then stays.

    \b
    boosterwatch bundle my-folder/1.1.0 -o my-policy-1.1.0.bundle --keyring keyring.yaml
    """
    _require_library()
    from boosterwatch.engine.terminal.bundling import bundle_pack
    from boosterwatch.engine.terminal.commands import signing

    return bundle_pack(pack, out, keyring, signatures, signing.now().date(), form)


def _require_library() -> None:
    """Raise RunError BW403 when what reads signatures is not installed."""
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        from boosterwatch.engine.terminal.guard import RunError

        hint = 'install it with `pip install "boosterwatch[audit]"`'
        raise RunError("BW403", "bundles hold signatures: the library `cryptography` is not installed", hint)
