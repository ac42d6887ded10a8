"""What columns are called. Measures and parameters have dotted names, which not every engine takes in a column."""

from __future__ import annotations

PARAMETER = "p__"
SIGN = "sign_"
REASON = "reason_"


def measure_column(name: str) -> str:
    """Return the column that holds a measure.

    >>> measure_column("form.change_from_best")
    'form__change_from_best'
    """
    return name.replace(".", "__")


def parameter_column(name: str) -> str:
    """Return the column that holds a parameter's value where patients differ in it.

    >>> parameter_column("form.delta")
    'p__form__delta'
    """
    return PARAMETER + measure_column(name)


def sign_column(sign: str) -> str:
    """Return the result column that holds a sign's state."""
    return SIGN + sign


def reason_column(sign: str) -> str:
    """Return the result column that holds why a sign cannot be assessed."""
    return REASON + sign
