"""What a plain (unquoted) YAML scalar means: one reading, or a refusal that says how to write it.

Only `true`, `false`, `null`, plain integers and plain decimals are more than text. Anything that
another YAML reader would take for something else (`NO`, `010`, `1:30`, `1e3`) is refused.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

MOST_DIGITS = 16
_MOST_SHOWN = 40

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a plain scalar has no meaning here."""

    code: str
    message: str
    hint: str


_CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_WORDS = {
    **dict.fromkeys(("yes", "on", "true"), "true"),
    **dict.fromkeys(("no", "off", "false"), "false"),
    **dict.fromkeys(("null", "~"), "null"),
}
_LOOKS_LIKE_NUMBER = re.compile(
    r"""[-+]?(?:
      0[bB][01_]+ | 0[oO][0-7_]+ | 0[xX][0-9a-fA-F_]+      # other bases
    | [0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?               # base sixty
    | (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?
    | \.(?:[iI][nN][fF]|[nN][aA][nN])
    )""",
    re.VERBOSE,
)
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_NUMBER_START = frozenset("+-.0123456789")


def resolve(text: str) -> Scalar | Refused:
    """Return what the plain scalar means.

    >>> resolve("12"), resolve("0.50"), resolve("2026-01-15"), resolve("null")
    (12, 0.5, '2026-01-15', None)
    >>> resolve("NO").hint
    'quote it: `"NO"`; for the truth value write `false`'
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[:1] in _NUMBER_START:
        return _resolve_number(text)
    if text in {"=", "<<"}:
        return _refuse(text, None)
    word = _WORDS.get(text.lower()) if len(text) <= 5 else None
    return text if word is None else _refuse(text, word)


def too_long(digits: str) -> bool:
    """Say whether a number in text cannot be kept exactly, or is longer than anybody writes."""
    whole, _, fraction = digits.lstrip("-").partition(".")
    return len(whole) > MOST_DIGITS or len(fraction) > 2 * MOST_DIGITS


def _resolve_number(text: str) -> Scalar | Refused:
    if _INTEGER.fullmatch(text):
        return _too_many_digits(text) if too_long(text) else int(text)
    if _DECIMAL.fullmatch(text):
        return _too_many_digits(text) if too_long(text) else float(text)
    return _refuse(text, _plain_number(text)) if _LOOKS_LIKE_NUMBER.fullmatch(text) else text


def _refuse(text: str, plain: str | None) -> Refused:
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
    hint = f'quote it: `"{shown}"`'
    if plain is not None:
        kind = {"true": "truth value", "false": "truth value", "null": "empty value"}
        hint += f"; for the {kind.get(plain, 'number')} write `{plain}`"
    return Refused("BW126", f"YAML readers do not agree what plain `{shown}` means", hint)


def _too_many_digits(text: str) -> Refused:
    limit = f"the number has more than {MOST_DIGITS} digits"
    return Refused("BW127", limit, "quote it if it is an id; no score needs so many digits")


def _plain_number(text: str) -> str | None:
    """Return the number as it should be written, or None when its meaning is not certain."""
    if len(text) > _MOST_SHOWN or ":" in text:
        return None
    digits = text.replace("_", "").lower()
    sign, digits = ("-" if digits[0] == "-" else ""), digits.lstrip("+-")
    base = _BASES.get(digits[:2])
    if base is not None:
        return f"{sign}{int(digits[2:], base)}" if len(digits) > 2 else None
    exponent = digits.partition("e")[2]
    if digits in {".inf", ".nan"} or (exponent and abs(int(exponent)) > MOST_DIGITS):
        return None
    return sign + format(Decimal(digits), "f")
