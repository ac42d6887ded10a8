"""Lints over packs that nobody wrote: they never fail, and what they call dead or beaten is so for any record."""

from __future__ import annotations

from datetime import date

from hypothesis import given

from boosterwatch.engine.author.lint.context import Context, settings_of
from boosterwatch.engine.author.lint.rules import clauses_exclude_each_other
from boosterwatch.engine.author.lint.run import LINTS
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.pack.find import is_policy
from boosterwatch.tests.packs.files import document
from boosterwatch.tests.strategies import Invented, examples, packs


@given(packs(records=3))
@examples(8)
def test_what_is_called_dead_never_fires(invented: Invented) -> None:
    pack = invented.load()
    documents = tuple(document(name, text) for name, text in invented.files.items() if is_policy(name))
    for record in invented.records(pack):
        context = Context(pack.ir, documents, date.fromisoformat(record["as_of"]), settings_of(documents))
        assert all(found.problem.span is not None for lint in LINTS for found in lint.run(context))
        dead = {found.at for found in clauses_exclude_each_other.run(context)}
        if not record.get("overrides"):
            fired = {activation.rule for activation in evaluate(pack, record).trace}
            assert not dead & fired
