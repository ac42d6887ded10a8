"""The commands of releases: `release`, `packs verify`, `new version`."""

from __future__ import annotations

from datetime import date

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form


@click.command(cls=GuardedCommand)
@click.argument("pack")
@click.argument("version")
@click.option("--previous", metavar="PACK", help="The version to compare with; by default the last released one below.")
@click.option("--first", is_flag=True, help="This is the first version: there is none to compare with.")
@click.option("--changelog", metavar="TEXT", help="What to tell those who use the pack about this version.")
@click.option("--changelog-file", metavar="FILE", help="The same, from a file; `-` for standard input.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to work in.")
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
@with_form
def release(
    pack: str,
    version: str,
    previous: str | None,
    first: bool,
    changelog: str | None,
    changelog_file: str | None,
    jobs: int,
    dry_run: bool,
    form: Form,
) -> int:
    """Release a VERSION of a PACK: run every gate, compare, and freeze the folder.

    The gates are check without a warning, all cases, their coverage of every boundary, mutations, and proofs. The
    version number must tell the change: wording is a patch, a value or rule is minor, a contract is major. Then
    release.json is written; from that on no file of the folder may change. A refusal writes nothing.

    \b
    boosterwatch release rules/my-policy/1.1.0 1.1.0 --changelog "A higher threshold" --jobs 2
    boosterwatch release rules/my-policy/1.0.0 1.0.0 --first --changelog-file CHANGES.md --dry-run
    """
    if (changelog is None) == (changelog_file is None):
        raise click.UsageError("say what changed, with either --changelog or --changelog-file")
    if first and previous is not None:
        raise click.UsageError("--first says that there is no version before, and --previous names one")
    from boosterwatch.engine.terminal.releasing import Asked, release_pack

    asked = Asked(pack, version, changelog, changelog_file, previous, first)
    return release_pack(asked, jobs, dry_run, form, today=date.today())


@click.command("verify", cls=GuardedCommand)
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@with_form
def verify_packs(packs: tuple[str, ...], form: Form) -> int:
    """Verify that released packs are, byte for byte, what was released.

    Without a PACK, all that can be found. A PACK may also be a folder of packs: all in it are looked at. A difference
    names the file and gives exit code 1. Drafts are listed as not released. Whose signatures a release has is for
    `boosterwatch verify`.

    \b
    boosterwatch packs verify
    boosterwatch packs verify rules --format json
    """
    from boosterwatch.engine.terminal.verifying_packs import verify

    return verify(packs, form)


@click.command("version", cls=GuardedCommand)
@click.argument("pack")
@click.argument("version")
@click.option("--into", metavar="FOLDER", help="The folder of packs to put it in; by default that of the PACK.")
@with_form
def new_version(pack: str, version: str, into: str | None, form: Form) -> int:
    """Start a later VERSION of a PACK as a draft: a copy of all its files, comments included.

    \b
    boosterwatch new version rules/my-policy/1.0.0 1.1.0
    boosterwatch new version ketamine-maintenance 1.1.0 --into rules
    """
    from boosterwatch.engine.terminal.copying import make_version

    return make_version(pack, version, into, form)
