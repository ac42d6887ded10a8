"""The names that a property may use: those of the compiled pack, and its patterns from the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.declare import section
from boosterwatch.engine.pack.compile.events import record_fields
from boosterwatch.engine.pack.compile.measures import declare_measures
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.notices import BARE
from boosterwatch.engine.pack.compile.tree import Node
from boosterwatch.engine.pack.document import Document


def names_of(pack: ir.Pack, documents: Sequence[Document]) -> Names:
    """Return the symbol table of a pack that compiled; a clause that needs a new measure adds it there.

    Unlike a rule, a property may ask what is recommended.
    """
    names = Names(facts=record_fields())
    names.citations.update({one.id: one for one in pack.citations})
    names.parameters.update({one.name: one for one in pack.parameters})
    names.instruments.update({one.id: one for one in pack.instruments})
    names.scales.update({one.id: one for one in pack.scales})
    names.roles.update({one.id: one for one in pack.roles})
    names.events.update({one.id: one for one in pack.events})
    names.tables.update({table.id: tuple(dict.fromkeys((*table.states, table.otherwise))) for table in pack.tables})
    names.signs += [sign.id for sign in pack.signs]
    names.notices.update({(one.kind, one.id): one.urgency for one in pack.notices})
    names.sources += sorted({rule.atom for rule in pack.rules if rule.kind == "source"})
    names.atoms.update({rule.subject: rule.atom for rule in pack.rules if rule.kind in BARE})
    names.measures.update({one.name: one for one in pack.measures})
    roots = [Node(document, (), document.data) for document in documents if "pack" not in document.data]
    for root in roots:
        names.patterns.update(section(root, "patterns"))
    declare_measures(names, roots)
    return names


def with_measures(pack: ir.Pack, names: Names) -> ir.Pack:
    """Return the pack with the measures that the properties alone read."""
    known = {one.name for one in pack.measures}
    more = tuple(one for name, one in names.measures.items() if name not in known)
    return replace(pack, measures=(*pack.measures, *more)) if more else pack
