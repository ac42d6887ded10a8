"""`doctor`: what is installed, what works, what works less well, and what to do about it.

Every check is on its own, so that one broken part does not hide another; nothing heavy is imported before its check.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Literal

from boosterwatch.engine.explain.page import Heading, Items, Page, Table, Text
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

State = Literal["fine", "degraded", "broken"]
_NEEDED = {
    "click": "click",
    "jsonschema": "jsonschema",
    "jsonschema-rs": "jsonschema_rs",
    "lark": "lark",
    "orjson": "orjson",
    "pyyaml": "yaml",
    "rich": "rich",
}
_OPTIONAL = (  # name, module, what there is none of without it, the extra that brings it
    ("altair", "altair", "pictures", "picture"),
    ("vl-convert-python", "vl_convert", "pictures", "picture"),
    ("z3-solver", "z3", "proofs", "prove"),
    ("cryptography", "cryptography", "signatures, no audit", "audit"),
    ("sqlalchemy", "sqlalchemy", "audit", "audit"),
    ("alembic", "alembic", "audit", "audit"),
    ("psycopg", "psycopg", "audit in PostgreSQL", "audit"),
)
_REINSTALL = "install again: pip install --force-reinstall boosterwatch"
_OLDEST, _NEWEST = (3, 11), (3, 12)
_EVERY = 20  # one case in so many is evaluated


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is, in a few words, and what to do when it is not fine."""

    what: str
    state: State
    detail: str
    advice: str | None = None


def examine(form: Form) -> int:
    """Print every check; the exit code is 1 only when something that is needed is broken."""
    checks = list(_all_checks())
    broken = any(check.state == "broken" for check in checks)
    if form == "json":
        print_json({"healthy": not broken, "checks": [_data(check) for check in checks]})
    else:
        print_page(_page(checks))
    return ERRORS if broken else FINE


def _all_checks() -> Iterator[Check]:
    yield _python()
    yield from (_dependency(name, module) for name, module in _NEEDED.items())
    for what, check in (("YAML parser", _yaml), ("chaining engine", _durable), ("default pack", _pack)):
        yield _careful(what, check)
    yield from (_optional(*one) for one in _OPTIONAL)


def _careful(what: str, check: Callable[[], Check]) -> Check:
    """Return the check, or that it could not be made: a broken part must not break the doctor."""
    try:
        return check()
    except Exception as error:  # whatever it is, it is the finding
        return Check(what, "broken", f"{type(error).__name__}: {error}".splitlines()[0][:200], _REINSTALL)


# ---------------------------------------------------------------- the checks


def _python() -> Check:
    found = sys.version_info[:2]
    shown = ".".join(map(str, sys.version_info[:3]))
    if found < _OLDEST:
        return Check("python", "broken", shown, "install Python 3.11 or 3.12")
    if found > _NEWEST:
        advice = "the second evaluator needs Python 3.11 or 3.12"
        return Check("python", "degraded", f"{shown}: the reference evaluator decides alone", advice)
    return Check("python", "fine", shown)


def _dependency(name: str, module: str) -> Check:
    installed = _version(name)
    if installed is None:
        return Check(name, "broken", "not installed", _REINSTALL)
    return _careful(name, lambda: _imported(name, module, installed))


def _imported(name: str, module: str, installed: str) -> Check:
    import_module(module)
    return Check(name, "fine", installed)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _yaml() -> Check:
    from boosterwatch.engine.pack.yaml_text import HAS_C_PARSER

    if HAS_C_PARSER:
        return Check("YAML parser", "fine", "the fast one, in C")
    advice = "install libyaml and build PyYAML with it"
    return Check("YAML parser", "degraded", "the slow one: packs and YAML records load several times slower", advice)


def _durable() -> Check:
    from boosterwatch.engine.chain.durable import durable_available

    available, reason = durable_available()
    installed = _version("durable_rules")
    if available:
        return Check("chaining engine", "fine", f"durable_rules {installed}")
    detail = f"{reason}: the reference evaluator decides alone, and every decision says so"
    return Check("chaining engine", "degraded", detail, "on Python 3.11 or 3.12: pip install durable_rules==2.0.28")


def _pack() -> Check:
    """Evaluate some of the default pack's own cases, with every evaluator there is."""
    from boosterwatch.engine.author.cases import find_cases, run_case
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.engine.pack.open import open_pack

    opened = open_pack(DEFAULT_PACK)
    if opened.pack is None:
        return Check("default pack", "broken", f"{len(opened.problems)} problems", f"boosterwatch check {DEFAULT_PACK}")
    pack = LoadedPack(opened.pack)
    results = [run_case(case, pack) for case in find_cases(opened)[::_EVERY]]
    failed = [one.case.id for one in results if one.status == "failed"]
    if failed:
        detail = f"{len(failed)} of {len(results)} cases come out otherwise: {', '.join(failed[:5])}"
        return Check("default pack", "broken", detail, f"boosterwatch test {DEFAULT_PACK}")
    return Check("default pack", "fine", f"{pack.id}@{pack.version}: {_agreed(len(results))}")


def _agreed(count: int) -> str:
    from boosterwatch.engine.chain.durable import durable_available

    both = "both evaluators agree on them" if durable_available()[0] else "by one evaluator"
    return f"{count} of its cases come out as expected, {both}"


def _optional(name: str, module: str, brings: str, extra: str) -> Check:
    if find_spec(module) is None:
        return Check(name, "degraded", f"not installed: no {brings}", f"pip install 'boosterwatch[{extra}]'")
    return Check(name, "fine", _version(name) or "installed")


# ---------------------------------------------------------------- shown


def _page(checks: list[Check]) -> Page:
    worst = max((check.state for check in checks), key=("fine", "degraded", "broken").index)
    verdict = {
        "fine": "Everything works.",
        "degraded": "Everything that is needed works; something works less well.",
        "broken": "Something that is needed is broken.",
    }[worst]
    rows = tuple((check.what, check.state, check.detail) for check in checks)
    advice = tuple(f"{check.what}: {check.advice}" for check in checks if check.advice)
    page: Page = (Text(verdict, "strong"), Heading("Checks"), Table(("what", "state", "detail"), rows))
    return (*page, Heading("What to do"), Items(advice)) if advice else page


def _data(check: Check) -> dict[str, object]:
    return {"what": check.what, "state": check.state, "detail": check.detail, "advice": check.advice}
