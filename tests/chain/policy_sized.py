"""A made-up pack of the size of a clinic's whole policy: about 200 rules in six strata, some 100 measures.

Twelve scales, each with findings and a reading; six signs over the readings; safety; a recommendation. Benchmarks use
it, and it is a fixed example of everything that rules can say.
"""

from __future__ import annotations

import random

from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs

SCALES = 12
SIGNS = 6
SAFETY = 24


def policy_sized_pack() -> ir.Pack:
    """Return the pack; a patient's course is lost when a sign's findings say so."""
    rules: list[ir.Rule] = []
    tables: list[ir.Table] = []
    for number in range(SCALES):
        _scale(f"scale{number}", rules, tables)
    for number in range(SIGNS):
        _sign(number, rules, tables)
    _safety(rules)
    _response(rules, tables)
    _recommendation(rules, tables)
    return packs.pack(rules, tables, ("benefit_lost",))


def _scale(name: str, rules: list[ir.Rule], tables: list[ir.Table]) -> None:
    """Eight findings and a reading of four rows."""
    latest, change, best = f"{name}.latest", f"{name}.change", f"{name}.best"
    fresh = packs.compare(f"{name}.age_days", "<=", "window")
    findings: dict[str, ir.Condition] = {
        "fresh": fresh,
        "high": packs.compare(latest, ">=", f"{name}.cut"),
        "severe": packs.compare(latest, ">=", f"{name}.severe"),
        "worse": packs.compare(change, ">=", f"{name}.delta"),
        "much_worse": packs.compare(change, ">=", f"{name}.delta", "double"),
        "above_best": packs.compare_measures(latest, ">", best),
        "confirmed": ir.All(
            (packs.compare(f"{name}.times", ">=", "confirm"), packs.equals(f"{name}.mode", "clinician"))
        ),
        "gain_lost": packs.compare(f"{name}.fraction_lost", ">=", "half"),
    }
    rules += [packs.rule(f"{name}_{what}", when) for what, when in findings.items()]
    rows: dict[str, ir.Condition] = {
        "stale": ir.Not(packs.drawn(f"{name}_fresh")),
        "probable": ir.All(
            (
                ir.Any((packs.drawn(f"{name}_severe"), packs.drawn(f"{name}_much_worse"))),
                packs.drawn(f"{name}_confirmed"),
            )
        ),
        "possible": ir.All((packs.drawn(f"{name}_high"), packs.drawn(f"{name}_worse"))),
        "uncertain": ir.Any((packs.drawn(f"{name}_gain_lost"), packs.leaf(ir.Known(best, known=False)))),
    }
    _table(f"{name}_reading", rows, "absent", rules, tables)


def _sign(number: int, rules: list[ir.Rule], tables: list[ir.Table]) -> None:
    """Four rows over the readings of two core and two supporting scales."""
    core = [f"scale{(2 * number + k) % SCALES}" for k in range(2)]
    supporting = [f"scale{(2 * number + k) % SCALES}" for k in (3, 7)]

    def read(state: str, scales: list[str]) -> tuple[ir.Condition, ...]:
        return tuple(packs.drawn(f"{scale}_reading={state}") for scale in scales)

    enough = packs.at_least("supporting", *(f"{scale}_reading=possible" for scale in core + supporting))
    contradicted = packs.equals(f"sign{number}.contradicted", True, negated=True, recorded=True)
    rows: dict[str, ir.Condition] = {
        "probable": ir.All((ir.Any(read("probable", core)), contradicted)),
        "possible": ir.Any((*read("possible", core), *read("probable", supporting), enough)),
        "cannot_assess": ir.All(read("stale", core)),
        "not_applicable": packs.equals(f"sign{number}.applies", False),
    }
    _table(f"sign{number}", rows, "absent", rules, tables)


def _safety(rules: list[ir.Rule]) -> None:
    """Flags on facts, and the holds that they draw together."""
    for number in range(SAFETY):
        when = ir.All(
            (
                packs.compare(f"safety{number}.value", ">=", f"safety{number}.limit"),
                ir.Any(
                    (
                        packs.compare(f"safety{number}.age_days", "<=", "window"),
                        packs.equals(f"safety{number}.status", "ongoing"),
                    )
                ),
            )
        )
        rules.append(packs.rule(f"safety{number}", when))
    for number in range(0, SAFETY, 4):
        flags = [packs.drawn(f"safety{number + k}") for k in range(4)]
        rules.append(packs.rule(f"hold{number}", ir.Any(tuple(flags)), atom=f"hold.{number}"))


def _response(rules: list[ir.Rule], tables: list[ir.Table]) -> None:
    signs = [f"sign{number}=probable" for number in range(SIGNS)]
    lost = ir.All((packs.at_least("lost.signs", *signs), packs.equals("responder", True)))
    rules.append(packs.rule("benefit_lost", lost))
    rows: dict[str, ir.Condition] = {
        "lost": packs.drawn("benefit_lost"),
        "never": packs.equals("responder", False),
        "waning": ir.Any(tuple(packs.drawn(f"sign{number}=possible") for number in range(SIGNS))),
    }
    _table("response", rows, "held", rules, tables)


def _recommendation(rules: list[ir.Rule], tables: list[ir.Table]) -> None:
    held = ir.Any(tuple(packs.drawn(f"hold.{number}") for number in range(0, SAFETY, 4)))
    waited = packs.compare("days_since_infusion", ">=", "least_days")
    rows: dict[str, ir.Condition] = {
        "hold": held,
        "consult": ir.All((packs.drawn("response=lost"), waited)),
        "check_in": ir.All((packs.drawn("response=waning"), ir.Not(held))),
        "reassess": packs.compare("days_since_assessment", ">", "window"),
    }
    _table("recommendation", rows, "continue", rules, tables)


def _table(
    id_: str,
    rows: dict[str, ir.Condition],
    otherwise: str,
    rules: list[ir.Rule],
    tables: list[ir.Table],
) -> None:
    made = [packs.rule(f"{id_}_{s}", when, table=id_, state=s) for s, when in rows.items()]
    rules += made
    tables.append(packs.table(id_, made, otherwise))


def policy_parameters() -> dict[str, int | float]:
    """Return the parameters in force."""
    parameters: dict[str, int | float] = {
        "window": 28,
        "confirm": 2,
        "half": 0.5,
        "double": 2,
        "supporting": 2,
        "lost.signs": 1,
        "least_days": 21,
    }
    for number in range(SCALES):
        parameters |= {
            f"scale{number}.cut": 10,
            f"scale{number}.severe": 20,
            f"scale{number}.delta": 5,
        }
    return parameters | {f"safety{number}.limit": 150 for number in range(SAFETY)}


def policy_patient(rng: random.Random, known: float = 0.85) -> dict[str, Scalar]:
    """Return a patient with that share of the measures known."""
    values: dict[str, Scalar] = {
        "responder": rng.random() < 0.7,
        "days_since_infusion": rng.randint(0, 90),
        "days_since_assessment": rng.randint(0, 40),
    }
    for number in range(SCALES):
        values |= _scale_values(rng, f"scale{number}")
    for number in range(SIGNS):
        values[f"sign{number}.contradicted"] = rng.random() < 0.1
        values[f"sign{number}.applies"] = rng.random() < 0.9
    for number in range(SAFETY):
        values[f"safety{number}.value"] = rng.randint(90, 155)
        values[f"safety{number}.age_days"] = rng.randint(0, 60)
        values[f"safety{number}.status"] = rng.choice(("ongoing", "resolved"))
    return {name: value for name, value in values.items() if rng.random() < known}


def _scale_values(rng: random.Random, name: str) -> dict[str, Scalar]:
    best, latest = rng.randint(0, 12), rng.randint(0, 27)
    return {
        f"{name}.latest": latest,
        f"{name}.best": best,
        f"{name}.change": latest - best,
        f"{name}.age_days": rng.randint(0, 40),
        f"{name}.times": rng.randint(1, 3),
        f"{name}.mode": rng.choice(("clinician", "self")),
        f"{name}.fraction_lost": (latest - best) / 21,
    }
