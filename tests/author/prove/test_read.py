"""What is wrong with a properties file is told where, in whole messages; what is right is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from boosterwatch.engine.author.prove.properties import Always, FewSources, Never, NeverLoosens, Worse
from boosterwatch.engine.author.prove.prove import prove
from boosterwatch.engine.author.prove.read import read_properties
from boosterwatch.engine.author.prove.solve import Prover
from boosterwatch.engine.diagnostics import render
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.author.prove.unsafe import ON, promises
from boosterwatch.tests.packs.files import Files, edit, write_pack
from boosterwatch.tests.packs.small import SMALL

MODELINE = "# yaml-language-server: $schema=../../../schemas/properties.schema.json\nproperties:\n"


def with_property(text: str) -> Files:
    """Return the small pack with one property, whose body begins on line 5 in column 5."""
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return {**SMALL, "properties.yaml": f"{MODELINE}  - id: one\n    says: One.\n{body}"}


def problems(files: Files, folder: Path) -> str:
    """Return what is said of the properties, or of the shape of their file."""
    opened = open_pack(str(write_pack(files, folder / "small-pack" / "0.1.0")))
    found = opened.problems if opened.pack is None else read_properties(opened).problems
    return render(found, opened.sources).replace(str(folder / "small-pack" / "0.1.0"), "pack")


def test_a_name_that_the_pack_does_not_have(tmp_path: Path) -> None:
    assert problems(with_property("never: glow.nou >= glow.floor"), tmp_path) == (
        "pack/properties.yaml:5:12: BW201 unknown name `glow.nou`\n"
        "  |     never: glow.nou >= glow.floor\n"
        "  |            ^\n"
        "  hint: did you mean `glow.now`?\n"
    )


def test_a_state_that_a_recommendation_never_takes(tmp_path: Path) -> None:
    assert problems(with_property("never: recommendation is acts"), tmp_path) == (
        "pack/properties.yaml:5:30: BW207 `recommendation` is never `acts`\n"
        "  |     never: recommendation is acts\n"
        "  |                              ^\n"
        "  hint: did you mean `act`?\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("never: any hold\nalways: any hold", "several statements"),
        ("when: any hold", "half a statement"),
        ("except: [{when: any hold, reason: So.}]", "no statement"),
    ],
)
def test_a_property_says_one_thing(text: str, said: str, tmp_path: Path) -> None:
    assert problems(with_property(text), tmp_path) == (
        f"pack/properties.yaml:3:9: BW436 property `one` makes {said}\n"
        "  |   - id: one\n"
        "  |         ^\n"
        "  hint: write one of `always`, `never`, `when` with `then`, `exactly_one`, `time_alone`, `one_source_alone`, "
        "`worse`, `unknown`, `reachable`, `layers`\n"
    )


@pytest.mark.parametrize("keys", ["", "when: any hold, after: any hold, "])
def test_an_exception_names_one_case(keys: str, tmp_path: Path) -> None:
    text = f"never: any hold\nexcept:\n  - {{{keys}reason: So.}}"
    line = f"      - {{{keys}reason: So.}}"
    column = line.index("So.")
    assert problems(with_property(text), tmp_path) == (
        f"pack/properties.yaml:7:{column + 1}: BW436 an exception names one case\n"
        f"  | {line}\n"
        f"  | {' ' * column}^\n"
        "  hint: write `when`, or `before` and `after`: the first and the second patient\n"
    )


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    assert problems(with_property("exactly_one: recommendations"), tmp_path) == (
        "pack/properties.yaml:5:18: BW434 there is no table `recommendations`\n"
        "  |     exactly_one: recommendations\n"
        "  |                  ^\n"
        "  hint: did you mean `recommendation`?\n"
    )


def test_a_row_that_is_not_there_and_one_without_a_place(tmp_path: Path) -> None:
    text = "worse:\n  never_lowers: recommendation\n  order: [rest, [act, stopp]]"
    assert problems(with_property(text), tmp_path) == (
        "pack/properties.yaml:7:7: BW434 recommendation `stop` has no place in the order\n"
        "  |       order: [rest, [act, stopp]]\n"
        "  |       ^\n"
        "  hint: add `stop` where it belongs\n"
        "pack/properties.yaml:7:27: BW434 there is no recommendation `stopp`\n"
        "  |       order: [rest, [act, stopp]]\n"
        "  |                           ^\n"
        "  hint: did you mean `stop`?\n"
    )


def test_a_state_with_two_places(tmp_path: Path) -> None:
    text = "worse:\n  never_lowers: dim\n  order: [[cannot_assess, absent], possible, [probable, absent]]"
    assert problems(with_property(text), tmp_path) == (
        "pack/properties.yaml:7:61: BW432 state `absent` has two places in the order\n"
        "  |       order: [[cannot_assess, absent], possible, [probable, absent]]\n"
        "  |                                                             ^\n"
        "  hint: keep one\n"
    )


def test_a_scale_that_is_not_there(tmp_path: Path) -> None:
    text = "worse:\n  scores: [glow, embre]\n  never_lowers: recommendation\n  order: [rest, act, stop]"
    assert problems(with_property(text), tmp_path) == (
        "pack/properties.yaml:6:22: BW434 there is no scale `embre`\n"
        "  |       scores: [glow, embre]\n"
        "  |                      ^\n"
        "  hint: did you mean `ember`?\n"
    )


def test_a_scale_whose_answers_are_events_is_refused(tmp_path: Path) -> None:
    text = "worse:\n  scores: [glow_first]\n  never_lowers: recommendation\n  order: [rest, act, stop]"
    more = "events:\n  answered: {from: answers, scale: glow_first}\n"
    files = with_property(text)
    files["more.yaml"] = f"# yaml-language-server: $schema=../../../schemas/part.schema.json\n{more}"
    assert problems(files, tmp_path) == (
        "pack/properties.yaml:6:16: BW433 `glow_first` worse is refused: its answers are events, and the "
        "model does not say which\n"
        "  |       scores: [glow_first]\n"
        "  |                ^\n"
        "  hint: leave the scale out of `scores`\n"
    )


def test_two_properties_of_one_name(tmp_path: Path) -> None:
    files = with_property("never: consent\n")
    files["properties.yaml"] = f"{MODELINE}" + "  - {id: one, says: One., never: any hold}\n" * 2
    assert problems(files, tmp_path) == (
        "pack/properties.yaml:4:10: BW432 property `one` is declared twice\n"
        "  |   - {id: one, says: One., never: any hold}\n"
        "  |          ^\n"
        "  hint: the other is at line 3; give one of them another id\n"
    )


def test_a_pack_without_properties(tmp_path: Path) -> None:
    assert problems(SMALL, tmp_path) == (
        "BW435 the pack has no `properties.yaml`\n  hint: add it beside `pack.yaml`: what must hold for every patient\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nevr: any hold", "nevr"),
        ("says_too: x", "says_too"),
        ("reachable: rows", "rules"),
        ("never: any hold\nexcept: [{when: any hold}]", "reason"),
    ],
)
def test_the_shape_of_the_file(text: str, said: str, tmp_path: Path) -> None:
    found = problems(with_property(text), tmp_path)
    assert "properties.yaml:" in found
    assert said in found


# ---------------------------------------------------------------- what is read


def test_forms(tmp_path: Path) -> None:
    text = """# yaml-language-server: $schema=../../../schemas/properties.schema.json
properties:
  - {id: a, says: A., always: {none: [any hold]}}
  - {id: b, says: B., when: glow fell, then: glow.rise >= glow.delta}
  - {id: c, says: C., never: glow.age >= window}
  - {id: d, says: D., time_alone: {never: recommendation is act}}
  - {id: e, says: E., worse: {scores: [glow], never_lowers: glow, order: [cannot_assess, absent, possible, probable]}}
"""
    read = promises({**SMALL, "properties.yaml": text}, tmp_path)
    kinds = [type(one.statement) for one in read.properties]
    assert kinds == [Always, Always, Never, FewSources, Worse]
    verdicts = {one.answer.of.id: one.answer.verdict for one in prove(read, ON.toordinal())}
    assert verdicts == {"a": "broken", "b": "proved", "c": "broken", "d": "proved", "e": "proved"}


def test_a_measure_that_no_rule_reads_is_made_for_a_property(tmp_path: Path) -> None:
    read = promises(with_property("never: glow_first.age >= window"), tmp_path)
    added = {one.name for one in read.pack.measures} - {one.name for one in promises(SMALL_ONE, tmp_path).pack.measures}
    assert added == {"glow_first.age"}
    (result,) = prove(read, ON.toordinal())
    assert result.counter is not None
    assert result.counter.patients[0].measures.values["glow_first.age"] >= 28  # type: ignore[operator]


SMALL_ONE = with_property("never: any hold")


def test_a_measure_of_which_only_the_range_is_known_is_refused(tmp_path: Path) -> None:
    slope = "  tilt: {kind: slope, points: least, span: gap, settle: scale.settle, says: tilt}\n"
    files = with_property("never: glow.tilt is known")
    files["measures.yaml"] = files["measures.yaml"].replace("score_measures:\n", f"score_measures:\n{slope}")
    (result,) = prove(promises(files, tmp_path), ON.toordinal())
    assert (result.answer.verdict, result.answer.why) == (
        "refused",
        "it reads `glow.tilt`, and of a measure of kind `slope` the model knows the range only",
    )


# ---------------------------------------------------------------- layers


def said_of_exception(entry: str, folder: Path, form: str = "layers: never_loosen") -> str:
    """Return what is said of one exception, which stands in line 7 from column 5."""
    return problems(with_property(f"{form}\nexcept:\n  - {{{entry}, reason: So.}}"), folder)


def at(entry: str, word: str) -> str:
    """Return the line of an exception and its caret below a word."""
    line = f"      - {{{entry}, reason: So.}}"
    return f"  | {line}\n  | {' ' * line.index(word)}^\n"


def test_a_number_that_layers_may_set_is_an_exception(tmp_path: Path) -> None:
    files = with_property("layers: never_loosen\nexcept:\n  - {parameter: window, reason: So.}")
    (which,) = promises(files, tmp_path).properties
    assert (which.statement, which.fixed, which.patients) == (NeverLoosens(), frozenset({"window"}), 2)


@pytest.mark.parametrize(
    ("entry", "word", "said"),
    [
        (
            "parameter: windov",
            "windov",
            "pack/properties.yaml:7:21: BW434 there is no parameter `windov`\n{at}  hint: did you mean `window`?\n",
        ),
        (
            "parameter: glow.delta",
            "glow.delta",
            "pack/properties.yaml:7:21: BW436 no layer can loosen a hold or a trigger with `glow.delta`, so it is no"
            " exception\n{at}  hint: leave it out\n",
        ),
        (
            "parameter: gap",
            "gap",
            "pack/properties.yaml:7:21: BW436 no layer can loosen a hold or a trigger with `gap`, so it is no"
            " exception\n{at}  hint: leave it out\n",
        ),
        (
            "when: any hold",
            "So.",
            "pack/properties.yaml:7:34: BW436 an exception of `layers` names a parameter, and no other does\n{at}"
            "  hint: write `parameter` under `layers`, and `when`, or `before` and `after`, elsewhere\n",
        ),
    ],
)
def test_an_exception_of_layers(entry: str, word: str, said: str, tmp_path: Path) -> None:
    assert said_of_exception(entry, tmp_path) == said.replace("{at}", at(entry, word))


def test_another_property_has_no_number_for_an_exception(tmp_path: Path) -> None:
    entry = "parameter: window"
    assert said_of_exception(entry, tmp_path, "never: any hold") == (
        "pack/properties.yaml:7:37: BW436 an exception of `layers` names a parameter, and no other does\n"
        f"{at(entry, 'So.')}"
        "  hint: write `parameter` under `layers`, and `when`, or `before` and `after`, elsewhere\n"
    )


def test_layers_never_loosen_and_nothing_else(tmp_path: Path) -> None:
    assert problems(with_property("layers: may_loosen"), tmp_path).startswith("pack/properties.yaml:5:13: BW156 ")


def test_the_small_pack_keeps_it(tmp_path: Path) -> None:
    (result,) = prove(promises(with_property("layers: never_loosen"), tmp_path), ON.toordinal())
    assert result.proved


def test_a_hold_over_what_the_model_knows_only_the_range_of_is_not_called_proved(tmp_path: Path) -> None:
    """The slope of another layer is another unknown, whatever it is worked out from."""
    files = with_property("layers: never_loosen")
    slope = "  tilt: {kind: slope, points: least, span: window, settle: scale.settle, says: tilt}\n"
    files = edit(files, "measures.yaml", "  now: {kind: latest,", f"{slope}  now: {{kind: latest,")
    hold = "  - {id: steep, title: Steep, when: glow.tilt is known, because: It is steep.}\n"
    files = edit(files, "rules.yaml", "holds:\n", f"holds:\n{hold}")
    read = promises(files, tmp_path)
    (which,) = read.properties
    numbers = {one.name: one.values[-1].value for one in read.pack.parameters}
    assert Prover(read.pack, numbers, ON.toordinal()).ask(which).verdict == "broken"
