"""Lints of sources: a number says where it comes from, a source has a year and an age, and a policy is read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint


@lint(
    "BW610",
    "warning",
    why="A number that names no source cannot be checked, not even a clinic's own: cite the policy that chose it.",
    bad="values: [{from: 2020-01-01, value: 7, basis: clinic_policy}]",
    good="values: [{from: 2020-01-01, value: 7, basis: clinic_policy, cite: policy}]",
)
def number_without_citation(context: Context) -> Iterator[Finding]:
    """Yield every dated value without a citation."""
    for parameter in context.pack.parameters:
        for position, dated in enumerate(parameter.values):
            if not dated.cites:
                basis = dated.basis.replace("_", " ")
                message = f"`{parameter.name}` is {dated.value} ({basis}), and cites nothing"
                span = context.value_span(parameter.name, position)
                yield Finding(parameter.name, message, span, "add `cite:` with the id of a citation")


@lint(
    "BW611",
    "warning",
    why="Evidence ages. How old a source may be is set by `oldest_citation` in `pack.yaml`, or by `--oldest-citation`.",
    bad='author-2004: {text: "Author et al., 2004: smallest meaningful change", year: 1904}',
    good='author-2004: {text: "Author et al., 2004: smallest meaningful change", year: 2004}',
)
def old_citation(context: Context) -> Iterator[Finding]:
    """Yield every citation older than the setting allows; nothing without the setting."""
    oldest = context.settings.oldest_citation
    for id, node in context.named("citations"):
        year = node.get("year")
        if oldest is not None and year is not None and context.today.year - year.value > oldest:
            message = f"`{id}` is of {year.value}, more than {oldest} years old"
            yield Finding(id, message, year.span, "look for newer evidence, or waive it with a reason")


@lint(
    "BW612",
    "warning",
    why="Without a year nobody sees a source growing old. For a page that changes, it is the year it was read.",
    bad='policy: {text: "The policy of this clinic"}',
    good='policy: {text: "The policy of this clinic", year: 2020}',
)
def citation_without_year(context: Context) -> Iterator[Finding]:
    """Yield every citation that has no year."""
    for id, node in context.named("citations"):
        if node.get("year") is None:
            yield Finding(id, f"`{id}` has no year", node.key_span, "add `year:`")


@lint(
    "BW613",
    "warning",
    why="`basis: published` on a rule claims that somebody published it. Say who.",
    bad="  basis: published",
    good="  basis: published\n  cite: author-2004",
)
def rule_without_citation(context: Context) -> Iterator[Finding]:
    """Yield every rule that is published or recalled and cites nothing."""
    for rule in context.pack.rules:
        if rule.basis in ("published", "recalled") and not rule.cites:
            message = f"`{rule.id}` is {rule.basis}, and cites nothing"
            yield Finding(rule.id, message, rule.span, "add `cite:`, or say `basis: clinic_policy`")


def _review(context: Context) -> tuple[date, int]:
    """Return the day of the next review, and the days to it, below zero when it is past."""
    day = date.fromisoformat(context.face.text("review_by"))
    return day, (day - context.today).days


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


@lint(
    "BW614",
    "error",
    why="The clinic promised to read the whole policy again by this day. Until then nobody stands behind it.",
    bad="review_by: 2026-01-01",
    good="review_by: 2031-01-01",
)
def review_past_due(context: Context) -> Iterator[Finding]:
    """Yield a finding when the day of the review is over."""
    day, left = _review(context)
    if left < 0:
        message = f"`review_by` was {day}, {_days(-left)} ago"
        yield Finding("review_by", message, context.face["review_by"].span, "review the policy, then move the date")


@lint(
    "BW615",
    "warning",
    why="A review takes time. The notice is 90 days, or `review_notice` in `pack.yaml`.",
    bad="review_by: 2026-12-31",
    good="review_by: 2031-01-01",
)
def review_due_soon(context: Context) -> Iterator[Finding]:
    """Yield a finding when the day of the review is near."""
    day, left = _review(context)
    if 0 <= left <= context.settings.review_notice:
        message = f"`review_by` is {day}, in {_days(left)}"
        yield Finding("review_by", message, context.face["review_by"].span, "review the policy, then move the date")


CITATIONS = (
    number_without_citation,
    old_citation,
    citation_without_year,
    rule_without_citation,
    review_past_due,
    review_due_soon,
)
