"""Two results tables of one cohort, row by row: who gains which answer, who loses it, and who goes where.

The whole tables are read once, to find the patients that differ in anything; what follows looks at those alone.
"""

from __future__ import annotations

import duckdb

from boosterwatch.engine.cohort.impact.model import ORDER, Answer, Compared, Effect, Move
from boosterwatch.engine.cohort.impact.results import KINDS, ONE, ImpactError, Results, answers, ask, number, quoted
from boosterwatch.engine.cohort.names import sign_column
from boosterwatch.engine.cohort.results import DECIDED, LISTS
from boosterwatch.engine.diagnostics import Diagnostic

OLD, NEW, MOVED = "changed_old", "changed_new", "moved"


def compare(con: duckdb.DuckDBPyConnection, old: Results, new: Results) -> Compared:
    """Return what two results of the same patients differ in.

    Leaves the table `moved` on the connection: patient, what, id, state, and side: gained or lost. Raises ImpactError
    (BW647) when the tables do not hold the same patients once each.
    """
    patients = _same_patients(con, old, new)
    signs = signs_of(old, new)
    _keep_changed(con, old, new)
    _keep_moved(con, old, new)
    differing = number(con, f"SELECT count(DISTINCT patient) FROM {MOVED} WHERE what <> 'rule'")
    anything = number(con, f"SELECT count(DISTINCT patient) FROM {MOVED}")
    return Compared(patients, differing, anything - differing, _effects(con, old, new, signs), _moves(con))


def signs_of(old: Results, new: Results) -> tuple[str, ...]:
    """Return the signs of both, those of the new after those of the old."""
    return tuple(dict.fromkeys((*old.signs, *new.signs)))


def rank(answer: Answer, signs: tuple[str, ...]) -> tuple[int, int, str, str]:
    """Return the place of an answer among others: by kind, signs in their own order, then by id."""
    place = signs.index(answer.id) if answer.what == "sign" else 0
    return ORDER.index(answer.what), place, answer.id, answer.state


def _same_patients(con: duckdb.DuckDBPyConnection, old: Results, new: Results) -> int:
    """Return how many patients there are; they must be the same on both sides, once each."""
    both = f"{quoted(old.view)} o JOIN {quoted(new.view)} n USING (patient)"
    counts = [number(con, f"SELECT count(*) FROM {source}") for source in (quoted(old.view), quoted(new.view), both)]
    if len(set(counts)) > 1:
        message = f"{counts[0]} rows beside {counts[1]}, and {counts[2]} that belong together by their patient"
        hint = "compare results of the same tables, with one row for each patient"
        raise ImpactError([Diagnostic("BW647", message, None, hint)])
    return counts[0]


def _keep_changed(con: duckdb.DuckDBPyConnection, old: Results, new: Results) -> None:
    """Keep the rows of the patients that differ in anything, on both sides."""
    shared = [sign_column(sign) for sign in old.signs if sign in new.signs]
    alone = [("n", sign) for sign in new.signs if sign not in old.signs]
    alone += [("o", sign) for sign in old.signs if sign not in new.signs]
    differ = [f"o.{quoted(name)} IS DISTINCT FROM n.{quoted(name)}" for name in (*ONE, *LISTS, *shared)]
    differ += [f"{side}.{quoted(sign_column(sign))} IS NOT NULL" for side, sign in alone]
    joined = f"{quoted(old.view)} o JOIN {quoted(new.view)} n USING (patient) WHERE {' OR '.join(differ)}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE differing AS SELECT patient FROM {joined}")
    for name, side in ((OLD, old), (NEW, new)):
        wanted = ", ".join(map(quoted, ("patient", *ONE, *LISTS, *map(sign_column, side.signs))))
        query = f"SELECT {wanted} FROM {quoted(side.view)} SEMI JOIN differing USING (patient)"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _keep_moved(con: duckdb.DuckDBPyConnection, old: Results, new: Results) -> None:
    """Keep what each of these patients gains and loses."""
    before, after = answers(old, OLD), answers(new, NEW)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {MOVED} AS "
        f"SELECT *, 'gained' AS side FROM (({after}) EXCEPT ({before})) "
        f"UNION ALL SELECT *, 'lost' AS side FROM (({before}) EXCEPT ({after}))"
    )


def _effects(con: duckdb.DuckDBPyConnection, old: Results, new: Results, signs: tuple[str, ...]) -> tuple[Effect, ...]:
    counts: dict[Answer, list[int]] = {}
    for place, side in enumerate((old, new)):
        query = f"SELECT what, id, state, count(*) FROM ({answers(side, side.view)}) GROUP BY ALL"
        for what, id, state, many in ask(con, query):
            counts.setdefault(Answer(what, id, state), [0, 0, 0, 0])[place] = many
    moved = ask(con, f"SELECT what, id, state, side, count(*) FROM {MOVED} GROUP BY ALL")
    for what, id, state, which, many in moved:
        counts[Answer(what, id, state)][2 if which == "gained" else 3] = many
    return tuple(Effect(one, *counts[one]) for one in sorted(counts, key=lambda one: rank(one, signs)))


def _moves(con: duckdb.DuckDBPyConnection) -> tuple[Move, ...]:
    """Return the ways from one recommendation to another, the most travelled first."""
    shown = f"CASE WHEN @.status = '{DECIDED}' THEN [@.recommendation, coalesce(@.urgency, '')] END"
    rows = ask(
        con,
        f"SELECT {shown.replace('@', 'o')} AS a, {shown.replace('@', 'n')} AS b, count(*) AS many "
        f"FROM {OLD} o JOIN {NEW} n USING (patient) WHERE a IS DISTINCT FROM b "
        "GROUP BY a, b ORDER BY many DESC, a NULLS FIRST, b NULLS FIRST",
    )
    return tuple(Move(_pair(a), _pair(b), many) for a, b, many in rows)


def _pair(found: list[str] | None) -> tuple[str, str] | None:
    return None if found is None else (found[0], found[1])


def notices(compared: Compared) -> tuple[Effect, ...]:
    """Return the effects on holds, cautions and flags."""
    kinds = set(KINDS.values()) - {"rule"}
    return tuple(one for one in compared.effects if one.answer.what in kinds)
