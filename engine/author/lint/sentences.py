"""Lints of sentences: a rule that compares numbers shows one of them."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.author.lint.names import PLACEHOLDER
from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.pack import ir


@lint(
    "BW670",
    "warning",
    why="A clinician who reads that something is too high wants to know how high it is. Put the value, or the "
    "threshold, into the sentence.",
    bad="    because: It was long ago.",
    good='    because: "It was {waited} days ago."',
)
def sentence_without_value(context: Context) -> Iterator[Finding]:
    """Yield every rule that compares a number and shows none."""
    for rule in context.pack.rules:
        compares = any(isinstance(leaf, ir.Leaf) and isinstance(leaf.test, ir.Compare) for leaf in leaves(rule.when))
        if compares and rule.because and not PLACEHOLDER.search(rule.because):
            message = f"`{rule.id}` compares a number, and its sentence names none"
            yield Finding(rule.id, message, rule.span, "add a value in braces, such as the measure or the parameter")


SENTENCES = (sentence_without_value,)
