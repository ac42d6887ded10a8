"""A record written as a case file, in the manner of the cases beside a pack."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boosterwatch.engine.author.patients.edits import plain
from boosterwatch.engine.pack.guard import FORBIDDEN

SCHEMA_LINE = "# yaml-language-server: $schema=../../../../schemas/case.schema.json"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_-]*( [A-Za-z_-]+)*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WIDTH = 120
_NOT_TEXT = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_ENTRIES = ("assessments", "safety", "prior_cycles", "overrides")


def case_text(
    id: str,
    title: str,
    why: str,
    record: Mapping[str, Any],
    expect: Mapping[str, Any],
    first_line: str = SCHEMA_LINE,
) -> str:
    """Return the YAML of a case file with one case, valid under `schemas/case.schema.json`.

    Read by the guarded loader it gives back the same record, but for characters that no case may hold because they
    cannot be seen. `why` may be empty; `first_line` is what the pack's cases begin with (`Opened.modeline`).
    """
    lines = [first_line, f"case: {_word(id)}", f"title: {_word(title)}"]
    if why:
        lines.append(f"why: {_word(why)}")
    lines += ["record:", *_record_lines(plain(record)), "expect:", *_block(plain(expect), "  ")]
    return "\n".join(lines) + "\n"


def _record_lines(record: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in record.items():
        if key in _ENTRIES and value:
            lines += [f"  {key}:", *(f"    - {_flow(entry)}" for entry in value)]
        elif isinstance(value, list):
            lines += _wrapped(f"  {key}: [", [_flow(entry) for entry in value])
        else:
            lines.append(f"  {key}: {_flow(value)}")
    return lines


def _wrapped(start: str, entries: list[str]) -> list[str]:
    """Return a list in flow style over as many lines as it takes."""
    lines = [start]
    for n, entry in enumerate(entries):
        said = entry + ("]" if n == len(entries) - 1 else ", ")
        if len(lines[-1]) + len(said.rstrip()) > _WIDTH:
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * 4)
        lines[-1] += said
    return lines if entries else [start + "]"]


def _block(data: Mapping[str, Any], indent: str) -> list[str]:
    """Return a mapping in block style; what is inside its values is in flow style, unless it is too long."""
    lines: list[str] = []
    for key, value in data.items():
        line = f"{indent}{_word(str(key))}: {_flow(value)}"
        if isinstance(value, Mapping) and value and len(line) > _WIDTH:
            lines += [f"{indent}{_word(str(key))}:", *_block(value, indent + "  ")]
        else:
            lines.append(line)
    return lines


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_word(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str():
            return _word(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            return json.dumps(value)


def _word(text: str) -> str:
    """Return text as YAML reads it back: plain where nobody could take it for something else, else quoted."""
    if _DATE.fullmatch(text) or (re.fullmatch(r"[a-z][a-z0-9_]*", text) and text not in _NOT_TEXT):
        return text
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(FORBIDDEN.sub("", text), ensure_ascii=False)
