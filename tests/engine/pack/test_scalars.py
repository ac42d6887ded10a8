"""Plain scalars: one meaning or a refusal, judged against what PyYAML's YAML 1.1 would do."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.pack.scalars import Refused, resolve


@pytest.mark.parametrize(
    "text",
    "yes Yes YES no No NO on On ON off Off OFF yEs nO True TRUE False FALSE Null NULL ~ = << "
    "010 08 00 -01 0x1F 0X1f 0o10 0b11 1:30 09:30 190:20:30 1:30.5 1e3 1E3 1.5e-3 1e+3 1_000 0.1_0 1_ "
    ".5 -.5 5. +1 +1.5 +0 .inf -.inf +.INF .nan .NaN .NAN 007 1.".split(),
)
def test_look_alikes_are_refused_with_the_quoted_form(text: str) -> None:
    refused = resolve(text)
    assert isinstance(refused, Refused)
    assert refused.code == "BW126"
    assert refused.hint.startswith(f'quote it: `"{text}"`')


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-1", -1),
        ("21", 21),
        ("0.5", 0.5),
        ("-0.25", -0.25),
        ("1.10", 1.1),
        ("9999999999999999", 9999999999999999),
        ("-9999999999999999", -9999999999999999),
        ("0.30000000000000004", 0.30000000000000004),
        ("0." + "1" * 32, 1 / 9),
    ],
)
def test_the_few_plain_values(text: str, meaning: object) -> None:
    value = resolve(text)
    assert value == meaning
    assert type(value) is type(meaning)


@pytest.mark.parametrize(
    "text",
    "y n Y N maybe nope yesterday nullable truest 2026-01-15 2024-13-45 1.2.3 1-2 12a --1 - + . .. 1e e3 0x 0b _1 "
    "inf nan NaN None 10% 1,000 1/2 ٣ ½ ² phq9.delta +x 1:2a Infinity".split(),
)
def test_text_stays_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    "text", ["12345678901234567", "-12345678901234567", "12345678901234567.0", "0." + "1" * 33, "9" * 5000]
)
def test_too_many_digits_are_refused(text: str) -> None:
    refused = resolve(text)
    assert isinstance(refused, Refused)
    assert refused.code == "BW127"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010", "10"),
        ("-010", "-10"),
        ("0x1F", "31"),
        ("-0x1F", "-31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"),
        ("-2.5E2", "-250"),
        ("1_000", "1000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+1.50", "1.50"),
    ],
)
def test_the_hint_says_how_to_write_the_number(text: str, number: str) -> None:
    refused = resolve(text)
    assert isinstance(refused, Refused)
    assert refused.hint.endswith(f"for the number write `{number}`")
    assert not isinstance(resolve(number), Refused)


@pytest.mark.parametrize("text", ["1:30", ".inf", ".nan", "1e99", "1e-99", "=", "0x_", "0x" + "f" * 5000])
def test_no_number_is_proposed_where_the_meaning_is_not_certain(text: str) -> None:
    refused = resolve(text)
    assert isinstance(refused, Refused)
    assert "write" not in refused.hint
    assert len(refused.hint) < 80


NUMBER_LIKE = st.text("0123456789+-._:eExXoObBaFnNiI", max_size=12)
WORD_LIKE = st.sampled_from("yes no on off true false null y n ~ none".split()).flatmap(
    lambda word: st.tuples(*[st.sampled_from([letter, letter.upper()]) for letter in word]).map("".join)
)
DATE = "tag:yaml.org,2002:timestamp"
TEXT = "tag:yaml.org,2002:str"


@given(st.one_of(NUMBER_LIKE, WORD_LIKE, st.text(max_size=8)))
def test_never_another_meaning_than_yaml_1_1(text: str) -> None:
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    value = resolve(text)
    if isinstance(value, Refused) or text == "":
        return
    if isinstance(value, str):
        assert value == text
        assert tag in {TEXT, DATE}
    else:
        assert loader.construct_object(yaml.ScalarNode(tag, text)) == value


@given(st.one_of(st.integers(-(10**16) + 1, 10**16 - 1), st.booleans(), st.none()))
def test_json_text_of_plain_values_means_the_same(value: object) -> None:
    assert resolve(json.dumps(value)) == value


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
def test_decimals_are_read_as_written(value: object) -> None:
    assert resolve(str(value)) == float(str(value))


@given(st.text(max_size=60))
def test_a_refusal_is_short_and_on_one_line_when_the_text_is(text: str) -> None:
    value = resolve(text)
    if isinstance(value, Refused):
        assert len(value.message) < 120
        assert "\n" not in value.message
