"""From valid documents to the compiled pack: what every clause means, what is refused, and what templates write out."""

from __future__ import annotations

import random
import re

import pytest

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import digest_of
from boosterwatch.tests.packs.files import (
    Files,
    check_files,
    compile_files,
    default_files,
    default_pack,
    edit,
    set_value,
)
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.records import random_record_for
from boosterwatch.tests.packs.small import MODELINE, SMALL, condition_of, problems_of, with_clause, with_part

HERE = Span("here", 1, 1)

# ---------------------------------------------------------------- what clauses mean


def leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> ir.Leaf:
    return ir.Leaf(test, "", HERE)


def compare(left: str, op: ir.Op, kind: str, *names: str) -> ir.Leaf:
    return leaf(ir.Compare(left, op, ir.Right(kind, names)))  # type: ignore[arg-type]


def drawn(atom: str) -> ir.Leaf:
    return leaf(ir.Drawn(atom))


def bare(condition: ir.Condition) -> ir.Condition:
    """Return the condition without its words and places."""
    match condition:
        case ir.Leaf(test):
            return leaf(test)
        case ir.All(parts):
            return ir.All(tuple(map(bare, parts)))
        case ir.Any(parts):
            return ir.Any(tuple(map(bare, parts)))
        case ir.Not(part):
            return ir.Not(bare(part))
        case ir.AtLeast(count, atoms):
            return ir.AtLeast(count, atoms, "", HERE)


POSSIBLE_OR_MORE = ir.Any((drawn("glow=possible"), drawn("glow=probable")))
MEANINGS: dict[str, ir.Condition] = {
    "glow.now >= glow.floor": compare("glow.now", ">=", "parameter", "glow.floor"),
    "glow_first.now >= glow_first.floor": compare("glow_first.now", ">=", "parameter", "glow_item.floor"),
    "glow.now < glow.best": compare("glow.now", "<", "measure", "glow.best"),
    "glow.rise >= half * glow.delta": compare("glow.rise", ">=", "product", "half", "glow.delta"),
    "glow.now reaches glow.floor": compare("glow.now", ">=", "parameter", "glow.floor"),
    "ember.now reaches ember.floor": compare("ember.now", "<=", "parameter", "ember.floor"),
    "chosen.now reaches chosen.floor": compare("chosen.now", ">=", "measure", "chosen.floor"),
    "glow.age <= glow.fresh": compare("glow.age", "<=", "parameter", "glow.fresh"),
    "pressed > pressure": compare("pressed", ">", "parameter", "pressure"),
    "agreed is withdrawn": leaf(ir.Equals("agreed", "withdrawn")),
    "agreed is not given": leaf(ir.Equals("agreed", "given", negated=True)),
    "agreed is recorded as given": leaf(ir.Equals("agreed", "given")),
    "agreed is not recorded as given": leaf(ir.Equals("agreed", "given", negated=True, recorded=True)),
    "agreed is known": leaf(ir.Known("agreed")),
    "agreed is unknown": leaf(ir.Known("agreed", known=False)),
    "sex is recorded as unknown": leaf(ir.Equals("sex", "unknown")),
    "reported is yes": leaf(ir.Equals("reported", True)),
    "reported is no": leaf(ir.Equals("reported", False)),
    "reported is not yes": leaf(ir.Equals("reported", True, negated=True)),
    "glow.why is stale": leaf(ir.Equals("glow.why", "stale")),
    "chosen is glow_first": leaf(ir.Equals("chosen", "glow_first")),
    "dim is probable": drawn("dim=probable"),
    "dim is not absent": ir.Not(drawn("dim=absent")),
    "glow is at least possible": POSSIBLE_OR_MORE,
    "glow_first is at least possible": drawn("glow_first=possible"),
    "glow is at least probable": drawn("glow=probable"),
    "answered is late": drawn("answered=late"),
    "answered is unknown": drawn("answered=unknown"),
    "glow.dated within window of ember.dated": compare("glow.dated~ember.dated", "<=", "parameter", "window"),
    "glow fell": ir.All(
        (
            compare("glow.rise", ">=", "parameter", "glow.delta"),
            compare("glow.now", ">=", "parameter", "glow.floor"),
        )
    ),
    "any hold": ir.Any((drawn("hold:consent"),)),
    "any trigger due now": ir.Any((drawn("trigger:alarm"),)),
    "any sign is probable": ir.Any((drawn("dim=probable"),)),
    "minor": drawn("flag:minor"),
    "alarm": drawn("trigger:alarm"),
}


@pytest.mark.parametrize("clause", MEANINGS)
def test_a_clause_means(clause: str) -> None:
    assert bare(condition_of(with_clause(clause))) == MEANINGS[clause]


def test_a_clause_keeps_its_place_and_the_words_of_its_names() -> None:
    files = with_part(
        "findings:\n  - id: probe\n    says: probe\n    when: glow.age  <=  window\n    because: It is.\n"
    )
    found = condition_of(files)
    assert isinstance(found, ir.Leaf)
    assert (found.text, found.span) == ("glow.age <= window", Span("more.yaml", 5, 11, 20))


YES, OLD = leaf(ir.Equals("reported", True)), compare("glow.age", ">", "parameter", "window")
LISTS: dict[str, tuple[str, ir.Condition]] = {
    "all": ("{all: [reported is yes, glow.age > window]}", ir.All((YES, OLD))),
    "any": ("{any: [reported is yes, glow.age > window]}", ir.Any((YES, OLD))),
    "none": ("{none: [reported is yes, glow.age > window]}", ir.All((ir.Not(YES), ir.Not(OLD)))),
    "none_of_one": ("{none: [reported is yes]}", ir.Not(YES)),
    "all_of_one": ("{all: [reported is yes]}", YES),
    "any_of_one": ("{any: [reported is yes]}", ir.Any((YES,))),
    "both_keys_must_hold": (
        "{any: [reported is yes, glow.age > window], none: [minor]}",
        ir.All((ir.Any((YES, OLD)), ir.Not(drawn("flag:minor")))),
    ),
    "nested": (
        "{all: [{any: [reported is yes, {none: [minor]}]}, glow.age > window]}",
        ir.All((ir.Any((YES, ir.Not(drawn("flag:minor")))), OLD)),
    ),
    "sources": ("{at_least: {n: least, of: sources}}", ir.AtLeast("least", ("source:ember", "source:glow"), "", HERE)),
    "findings": (
        "{at_least: {n: least, of: [minor, alarm]}}",
        ir.AtLeast("least", ("flag:minor", "trigger:alarm"), "", HERE),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_clauses_means(name: str) -> None:
    text, meaning = LISTS[name]
    files = with_part(f"findings:\n  - {{id: probe, says: probe, when: {text}, because: It is so.}}\n")
    assert bare(condition_of(files)) == meaning


# ---------------------------------------------------------------- what clauses may not say

REFUSED_CLAUSES: dict[str, tuple[str, str, str | None]] = {
    "glow.now < ember.now": (
        "BW204",
        "`glow.now` is in points of glow, `ember.now` is in points of ember: they do not compare",
        "compare values of one scale and one unit",
    ),
    "glow.now >= ember.floor": (
        "BW204",
        "`glow.now` is in points of glow, `ember.floor` is in points of ember: they do not compare",
        "did you mean `glow.floor`?",
    ),
    "chosen.now >= glow.floor": (
        "BW204",
        "`chosen.now` is in points of chosen, `glow.floor` is in points of glow: they do not compare",
        "did you mean `chosen.floor`?",
    ),
    "glow.share >= window": (
        "BW204",
        "`glow.share` is a fraction, `window` is in days: they do not compare",
        "name a parameter whose unit is `fraction`",
    ),
    "sex < adult": (
        "BW204",
        "`sex` is one of female, male, unknown, `adult` is in years: they do not compare",
        "write `sex is` and one of female, male, unknown",
    ),
    "reported >= window": (
        "BW204",
        "`reported` is yes or no, `window` is in days: they do not compare",
        "write `reported is yes` or `reported is no`",
    ),
    "given >= window": (
        "BW204",
        "`given` is a date, `window` is in days: they do not compare",
        "did you mean `waited`?",
    ),
    "glow.dated >= window": (
        "BW204",
        "`glow.dated` is a date, `window` is in days: they do not compare",
        "declare a measure of kind `days_since` of `glow.dated`",
    ),
    "half <= glow.share": (
        "BW204",
        "`half` is a parameter: a clause starts with what is measured",
        "turn the comparison around: `glow.share >= half`",
    ),
    "waited >= gap * gap": (
        "BW204",
        "`gap * gap` cannot be compared here",
        "write `share * delta`: a fraction or multiple, times a parameter of the same unit",
    ),
    "waited reaches window": (
        "BW204",
        "`waited` has no scale, so nothing says which way is worse",
        "write `>=` or `<=`",
    ),
    "glow.dated within window of glow.now": (
        "BW204",
        "`glow.now` is in points of glow, not a date",
        "name a date, such as `glow.dated`",
    ),
    "glow.dated within least of ember.dated": (
        "BW204",
        "`least` is a count, not in days",
        "name a parameter whose unit is `days`",
    ),
    "waited >= 5": (
        "BW203",
        "a number in a clause: `waited >= 5`",
        "name it: declare a parameter with a unit, a basis and a citation",
    ),
    "gl0w.age <= glow.fresh": ("BW201", "unknown name `gl0w.age`", "did you mean `glow.age`?"),
    "glow.now >= glow.flor": ("BW201", "unknown name `glow.flor`", "did you mean `glow.floor`?"),
    "chosen.now >= chosen.flor": ("BW201", "unknown name `chosen.flor`", "did you mean `chosen.floor`?"),
    "any wold": ("BW201", "unknown kind `wold`", "did you mean `hold`?"),
    "any hold due now": ("BW207", "no hold is due `now`", "write `any hold`: none says when it is due"),
    "any hold is probable": ("BW207", "a hold has no states", "write `any hold`"),
    "any trigger due same_day": ("BW207", "no trigger is due `same_day`", "they are due now"),
    "glow.why is stal": ("BW207", "`glow.why` is never `stal`", "did you mean `stale`?"),
    "glow is at least absent": ("BW207", "`at least absent` means nothing", "levels are possible and probable"),
    "answered is at least late": (
        "BW207",
        "`answered` has no levels",
        "write `answered is` and one of unknown, late, early",
    ),
    "reported is maybe": ("BW207", "`reported` is yes or no, not `maybe`", "write `yes` or `no`"),
    "agreed is gone": ("BW207", "`agreed` is never `gone`", "it is one of given, withdrawn, absent"),
    "agreed is not known": ("BW202", "cannot read this clause: `agreed is not known`", "write `agreed is unknown`"),
    "waited is not unknown": ("BW202", "cannot read this clause: `waited is not unknown`", "write `waited is known`"),
    "waited is late": (
        "BW204",
        "`waited` is in days, not a word",
        "compare it with a parameter: `waited >= parameter`",
    ),
    "not minor": ("BW202", "cannot read this clause: `not minor`", "list the clause under `none`"),
    "glow feel": ("BW209", "unknown pattern `feel`", "did you mean `fell`?"),
    "chosen fell": (
        "BW208",
        "`chosen` is a role, and a pattern is about one scale",
        "write a rule `for: {scale: [glow, glow_first]}`, and in it `scale fell`",
    ),
    "consent": ("BW208", "`consent` is a hold, not a finding", "write `any hold`, or the clauses of that hold"),
    "pressure": (
        "BW208",
        "`pressure` is a parameter, not a finding",
        "compare a measure with it: `measure >= pressure`",
    ),
    "dim": (
        "BW208",
        "`dim` is a sign, not a finding",
        "write `dim is` and one of probable, possible, absent, cannot_assess",
    ),
    "answered": (
        "BW208",
        "`answered` is a class, not a finding",
        "write `answered is` and one of unknown, late, early",
    ),
    "reported": ("BW208", "`reported` is a measure, not a finding", "write `reported is yes` or `reported is no`"),
    "waited": ("BW208", "`waited` is a measure, not a finding", "compare it with a parameter: `waited >= parameter`"),
    "given": (
        "BW208",
        "`given` is a measure, not a finding",
        "write `given is known`, or `given within days of` another date",
    ),
    "agreed": (
        "BW208",
        "`agreed` is a measure, not a finding",
        "write `agreed is` and one of given, withdrawn, absent",
    ),
    "sound": (
        "BW208",
        "`sound` is a measure of a scale, not a finding",
        "write the scale before it, with a dot: `scale.sound`",
    ),
    "fell": ("BW208", "`fell` is a pattern, not a finding", "write the scale before it: `scale fell`"),
    "infusion": (
        "BW208",
        "`infusion` is an event, not a finding",
        "declare a measure of kind `any_event` that reads it",
    ),
    "chosen": ("BW208", "`chosen` is a role, not a finding", "name one of its measures, such as `chosen.now`"),
    "minor is yes": (
        "BW208",
        "`minor` is a flag, not a measure",
        "write it alone: `minor`, under `none` when it must not be drawn",
    ),
    "answered is known": (
        "BW208",
        "`answered` is a class, not a measure",
        "write `answered is` and one of unknown, late, early",
    ),
    "nothing": ("BW201", "unknown finding `nothing`", "declare it under `findings` or `flags`"),
    "nothing.at_all >= window": (
        "BW201",
        "unknown name `nothing.at_all`",
        "declare it under `measures`, or as a number under `parameters`",
    ),
}


@pytest.mark.parametrize("clause", REFUSED_CLAUSES)
def test_a_clause_is_refused(clause: str) -> None:
    (problem,) = problems_of(with_clause(clause))
    assert (problem.code, problem.message, problem.hint) == REFUSED_CLAUSES[clause]
    assert problem.span is not None
    assert (problem.span.file, problem.span.line) == ("more.yaml", 3)


def test_all_problems_are_reported_at_once_and_each_once() -> None:
    files = with_part(
        "findings:\n"
        "  - {id: one, says: x, when: glow.nowt >= glow.floor, because: x}\n"
        "  - {id: two, says: x, for: {scale: [glow, ember]}, when: scale.agee >= scale.fresh, because: x}\n"
        "  - {id: three, says: x, when: any wold, because: '{glow.beast}'}\n"
    )
    assert [(one.code, one.span.line) for one in problems_of(files) if one.span is not None] == [
        ("BW201", 3), ("BW201", 4), ("BW201", 5), ("BW201", 5),
    ]  # fmt: skip


def test_a_name_that_is_unknown_in_several_places_is_told_once() -> None:
    clauses = ["glow.nowt >= glow.floor", "ember.now >= glow.nowt", "glow.nowt is known", "glow.nowt < glow.floor"]
    rows = [f"  - {{id: probe_{at}, says: x, when: {clause}, because: x}}\n" for at, clause in enumerate(clauses)]
    files = with_part("findings:\n" + "".join(rows)) | {"sentence.yaml": MODELINE + SENTENCE}
    (problem,) = problems_of(files)
    assert (problem.message, problem.span) == ("unknown name `glow.nowt`", Span("more.yaml", 3, 34, 9))
    assert problem.hint == "did you mean `glow.now`? `nowt` stands at line 4, line 5, line 6 and 1 more too"


SENTENCE = "findings:\n  - {id: sentence, says: x, when: minor, because: 'It is {glow.nowt}.'}\n"


def test_what_a_scale_lacks_is_told_once_at_the_scale() -> None:
    files = edit(SMALL, "instruments/ember.yaml", "ember.delta:", "ember_other.delta:")
    (problem,) = problems_of(files)
    assert (problem.code, problem.span) == ("BW201", Span("instruments/ember.yaml", 2, 13, 5))
    assert problem.message == "scale `ember` lacks `ember.delta`: pattern `fell` and measure `share` ask for it"
    assert problem.hint == "declare it under `parameters`"


def test_what_the_scales_of_one_group_lack_is_told_once() -> None:
    parts = "parts:\n  glow_last: {item: 9, short: x, says: x, parameters: glow_item}\n"
    files = edit(SMALL, "instruments/glow.yaml", "parts:\n", parts)
    files = edit(files, "instruments/glow.yaml", "glow_item.floor:", "other_item.floor:")
    files = edit(files, "rules.yaml", "for: {scale: [glow_first]}", "for: {scale: [glow_first, glow_last]}")
    (problem,) = problems_of(files)
    assert problem.message == "scale `glow_first` lacks `glow_item.floor`: pattern `fell` asks for it"


@pytest.mark.parametrize(
    ("use", "taken"),
    [("", ["glow_last.now"]), (", use: signs", ["glow_last.now"]), (", use: safety", ["glow_last.seen"])],
)
def test_a_part_has_the_measures_of_its_own_use(use: str, taken: list[str]) -> None:
    parts = f"parts:\n  glow_last: {{item: 9, short: x, says: x, parameters: glow_item{use}}}\n"
    files = edit(SMALL, "instruments/glow.yaml", "parts:\n", parts)
    seen = "measures:\n  seen: {kind: latest_within, within: window, for: [safety], report: true, says: seen}\n"
    pack = compile_files(edit(files, "measures.yaml", "measures:\n  now", f"{seen}  now"))
    assert [one.name for one in pack.measures if one.scale == "glow_last" and one.reported] == taken


def test_a_part_that_only_triggers_read_needs_no_thresholds_of_a_sign() -> None:
    files = edit(SMALL, "measures.yaml", "share: {kind", "share: {report: true, kind")
    part = "parts:\n  glow_last: {item: 9, short: x, says: x%s}\n"
    (problem,) = problems_of(edit(files, "instruments/glow.yaml", "parts:\n", part % ""))
    assert problem.message == "scale `glow_last` lacks `glow_last.delta`: measure `share` asks for it"
    compile_files(edit(files, "instruments/glow.yaml", "parts:\n", part % ", use: safety"))


def test_a_broken_list_of_scales_is_read_as_it_was_meant() -> None:
    (problem,) = problems_of(edit(SMALL, "signs/dim.yaml", "core: [glow,", "core: [glw,"))
    assert (problem.message, problem.hint) == ("unknown scale `glw`", "did you mean `glow`?")


# ---------------------------------------------------------------- sentences and words of a clause


def test_a_sentence_may_name_a_parameter_of_a_role_that_no_clause_reads() -> None:
    text = "findings:\n  - {id: probe, says: x, when: chosen.sound is yes, because: 'Its step is {chosen.delta}.'}\n"
    record = {
        "as_of": "2026-03-10", "induction": {"first": "2026-01-05", "last": "2026-01-16"},
        "infusions": ["2026-01-05", "2026-01-16"],
        "assessments": [
            {"instrument": "glow", "date": "2026-02-20", "total": 10},
            {"instrument": "glow", "date": "2026-03-05", "total": 12},
        ],
    }  # fmt: skip
    loaded = LoadedPack(compile_files(with_part(text)))
    (row,) = [one for one in evaluate(loaded, record).trace if one.rule == "probe"]
    assert row.because == "Its step is 5."


def test_two_dates_keep_the_words_of_the_clause() -> None:
    found = condition_of(with_clause("glow.dated  within window of ember.dated"))
    assert isinstance(found, ir.Leaf)
    assert found.text == "glow.dated within window of ember.dated"


# ---------------------------------------------------------------- what is written out


def rules_of(pack: ir.Pack, start: str) -> dict[str, ir.Rule]:
    return {rule.id: rule for rule in pack.rules if rule.id.startswith(start)}


def test_a_template_is_written_out_for_every_pair_of_different_scales() -> None:
    text = (
        "findings:\n  - id: probe\n    says: probe\n    for: {scale: [glow, ember], other: [glow, ember]}\n"
        '    when: {all: [scale fell, other.sound is yes]}\n    because: "{scale} {other.now}"\n'
    )
    rules = rules_of(compile_files(with_part(text)), "probe")
    assert sorted(rules) == ["probe_ember_glow", "probe_glow_ember"]
    assert {rule.atom for rule in rules.values()} == {"finding:probe"}
    assert rules["probe_ember_glow"].because == "{ember} {glow.now}"
    assert "ember.rise" in measures_read(rules["probe_ember_glow"].when)


def test_a_reading_is_a_table_of_its_states() -> None:
    pack = compile_files(SMALL)
    tables = {table.id: table for table in pack.tables}
    assert tables["glow"].rows == ("glow_probable", "glow_possible", "glow_absent")
    assert tables["glow"].otherwise == "cannot_assess"
    assert tables["glow_first"].states == ("possible", "absent", "cannot_assess")


def test_a_sign_takes_the_highest_level_of_its_inputs() -> None:
    pack = compile_files(SMALL)
    rows = next(table for table in pack.tables if table.id == "dim").rows
    assert rows == (
        "dim_probable_by_glow", "dim_probable_by_ember",  # a capped input has no row that makes the sign probable
        "dim_possible_by_glow", "dim_possible_by_glow_first", "dim_possible_by_ember",
        "dim_absent",
    )  # fmt: skip
    rules = rules_of(pack, "dim_")
    assert bare(rules["dim_probable_by_ember"].when) == ir.All((drawn("ember=probable"), drawn("flag:minor")))
    assert bare(rules["dim_possible_by_glow"].when) == ir.Any((drawn("glow=probable"), drawn("glow=possible")))
    sound = [leaf(ir.Equals(f"{scale}.sound", True)) for scale in ("glow", "glow_first")]
    assert bare(rules["dim_absent"].when) == ir.Any(tuple(sound))  # a supporting input does not make it absent


def test_one_instrument_is_one_source_however_many_of_its_scales_are_read() -> None:
    sources = rules_of(compile_files(SMALL), "source_")
    assert {rule.id: rule.atom for rule in sources.values()} == {
        "source_dim_glow": "source:glow",
        "source_dim_glow_first": "source:glow",
        "source_dim_ember": "source:ember",
    }


GATE = """applies_when: minor
otherwise:
  - {id: young, state: cannot_assess, reason: too_young, when: waited is unknown, because: Too young.}
  - {id: other, state: not_applicable, because: It does not apply.}
"""


def test_a_gate_stands_before_every_other_row_of_a_sign() -> None:
    pack = compile_files(SMALL | {"signs/dim.yaml": SMALL["signs/dim.yaml"] + GATE})
    table = next(one for one in pack.tables if one.id == "dim")
    assert table.rows[:2] == ("dim_young", "dim_other")
    rules = rules_of(pack, "dim_") | rules_of(pack, "source_")
    shut = ir.Not(drawn("flag:minor"))
    assert bare(rules["dim_young"].when) == ir.All((shut, leaf(ir.Known("waited", known=False))))
    assert bare(rules["dim_other"].when) == shut
    assert pack.signs[0].reasons == (("dim_young", "too_young"),)
    assert bare(rules["source_dim_glow"].when) == ir.All(
        (ir.Any((drawn("glow=probable"), drawn("glow=possible"))), drawn("flag:minor"))
    )


def test_a_hold_counts_only_facts_that_no_clearance_has_lifted() -> None:
    pack = compile_files(SMALL)
    stands = next(one for one in pack.measures if one.kind == "stands")
    assert (stands.name, stands.args) == ("agreed.date.stands.consent", (("date", "agreed.date"), ("hold", "consent")))
    assert bare(rules_of(pack, "hold_")["hold_consent"].when) == ir.All(
        (leaf(ir.Equals("agreed", "withdrawn")), leaf(ir.Equals(stands.name, True)))
    )


def test_a_hold_that_cannot_be_cleared_is_left_alone() -> None:
    files = edit(SMALL, "rules.yaml", "when: agreed is withdrawn", "clearable: false, when: agreed is withdrawn")
    assert bare(condition_of(files, "hold_consent")) == leaf(ir.Equals("agreed", "withdrawn"))


def test_the_lookback_holds_what_decides_its_signs_and_nothing_else() -> None:
    pack = compile_files(SMALL)
    assert pack.lookback is not None
    needed = {pack.rules[at].id for at in pack.lookback.rules}
    assert {"dim_probable_by_glow", "glow_probable", "flag_minor"} <= needed
    assert not {"recommend_act", "hold_consent", "caution_pressure"} & needed
    assert {"glow.now", "ember.rise", "years"} <= set(pack.lookback.measures)
    assert "pressed" not in pack.lookback.measures


def test_rules_stand_in_the_order_of_their_strata() -> None:
    for pack in (compile_files(SMALL), default_pack().ir, compile_files(invent_pack(2, 3))):
        assert [rule.stratum for rule in pack.rules] == sorted(rule.stratum for rule in pack.rules)
        placed = [at for stratum in pack.strata for at in stratum.rules]
        assert placed == list(range(len(pack.rules)))
        levels = {rule.atom: 0 for rule in pack.rules}
        for rule in pack.rules:
            levels[rule.atom] = max(levels[rule.atom], rule.stratum)
        for rule in pack.rules:
            if rule.table is None:
                assert all(levels.get(atom, 0) < rule.stratum for atom in atoms_of(rule.when)), rule.id


def atoms_of(condition: ir.Condition) -> set[str]:
    """Return the conclusions that a condition reads, states of tables left out."""
    match condition:
        case ir.Leaf(ir.Drawn(atom)):
            return {atom} - {atom if "=" in atom else ""}
        case ir.All(parts) | ir.Any(parts):
            return set().union(*map(atoms_of, parts))
        case ir.Not(part):
            return atoms_of(part)
        case ir.AtLeast(_, atoms):
            return set(atoms)
        case _:
            return set()


# ---------------------------------------------------------------- the digest


def test_a_changed_value_changes_the_digest() -> None:
    digests = {compile_files(set_value(SMALL, "window", days)).digest for days in (28, 29, 30)}
    assert len(digests) == 3


def test_a_comment_that_moves_nothing_changes_nothing() -> None:
    lines = SMALL["parameters.yaml"].splitlines()
    files = SMALL | {"parameters.yaml": "\n".join([*lines[:-1], f"{lines[-1]}  # a comment"]) + "\n"}
    assert compile_files(files).digest == compile_files(SMALL).digest


def test_the_digest_is_that_of_the_content() -> None:
    pack = compile_files(SMALL)
    assert re.fullmatch("[0-9a-f]{64}", pack.digest)
    assert digest_of(pack) == pack.digest


# ---------------------------------------------------------------- refused, or it runs


def add(section: str, name: str, text: str) -> Files:
    """Return the default pack with one more entry in a section of a file."""
    return edit(default_files(), name, f"\n{section}:\n", f"\n{section}:\n{text}\n")


def add_event(text: str) -> Files:
    return add("events", "facts.yaml", text)


def add_measure(text: str) -> Files:
    return add("measures", "measures.yaml", text)


LOOPED = add("measures", "measures.yaml", "  looped: {kind: any_event, of: first, says: x}")
RENAMED = {name: text for name, text in default_files().items() if name != "signs/6-sleep.yaml"}
CRASHES: dict[str, Files] = {
    "attribute_that_no_measure_gives": add_measure("  who: {kind: attribute, of: patient, says: x}"),
    "attribute_that_no_record_has": add_measure("  who: {kind: attribute, of: nonsense, says: x}"),
    "list_that_no_measure_reads": add_measure("  who: {kind: includes, list: booked, value: ptsd, says: x}"),
    "event_that_asks_for_a_hold": add_event("  first: {from: cssrs, where: any hold}"),
    "event_that_asks_for_a_finding": add_event("  first: {from: cssrs, where: contradictory}"),
    "event_that_asks_for_a_state": add_event("  first: {from: cssrs, where: phq9 is at least possible}"),
    "event_that_counts_sources": add_event("  first: {from: cssrs, where: {at_least: {n: grace, of: sources}}}"),
    "event_that_follows_itself": edit(LOOPED, "facts.yaml", "\nevents:\n", "\nevents:\n  first: {from: infusions, followed_by: first}\n"),
    "events_in_a_loop": edit(
        LOOPED, "facts.yaml", "\nevents:\n",
        "\nevents:\n  first: {from: infusions, followed_by: second}\n  second: {from: booked, closed_by: {first: after}}\n",
    ),
    "pattern_of_itself": edit(default_files(), "readings.yaml", "      - scale worsened\n      - scale.prev", "      - scale confirmed\n      - scale.prev"),
    "next_date_that_is_a_word": edit(default_files(), "schedule.yaml", "assessment_date: assessment_due", "assessment_date: primary"),
    "sign_called_recommendation": RENAMED
    | {"signs/6-recommendation.yaml": default_files()["signs/6-sleep.yaml"].replace("sign: sleep", "sign: recommendation")},
    "reversed_item_that_is_not_there": edit(default_files(), "instruments/pss10.yaml", "reversed: [4, 5, 7, 8]", "reversed: [4, 5, 7, 18]"),
    "item_of_a_domain_that_is_not_there": edit(default_files(), "instruments/qids_sr16.yaml", "[15, 16]", "[15, 17]"),
    "parameter_of_a_role_that_is_none": add_measure(
        "  odd: {kind: role_parameter, role: primary, parameter: nonsense, says: x}"
    ),
    "parameter_of_a_role_that_one_of_its_scales_lacks": edit(
        edit(
            default_files(),
            "instruments/phq9.yaml",
            "parameters:\n",
            "parameters:\n  phq9.extra: {says: x, unit: points, values: [{from: 2000-01-01, value: 5, basis: published}]}\n",
        ),
        "flags.yaml",
        "primary.change_from_baseline >= primary.delta",
        "primary.change_from_baseline >= primary.extra",
    ),
    "fewest_infusions_below_nothing": set_value(default_files(), "induction_least", -3),
}  # fmt: skip


def runs(files: Files, records: int = 12) -> bool:
    """Return whether the pack compiled, after evaluating some records without any failure."""
    pack, _ = check_files(files)
    if pack is None:
        return False
    loaded = LoadedPack(pack)
    for seed in range(records):
        to_json_bytes(evaluate(loaded, random_record_for(pack, random.Random(seed))))
    return True


@pytest.mark.parametrize("name", CRASHES)
def test_what_would_fail_at_run_time_is_refused(name: str) -> None:
    assert not runs(CRASHES[name], records=40)


MEANINGLESS: dict[str, Files] = {
    "reason_that_is_none": edit(default_files(), "readings.yaml", "    reason: scale.reason", "    reason: scale.latest"),
    "next_date_that_is_no_date": edit(default_files(), "schedule.yaml", "assessment_date: assessment_due", "assessment_date: phq9.latest"),
    "report_of_no_class": edit(default_files(), "recommendations.yaml", "  response: response", "  response: respons"),
    "level_that_a_class_does_not_have": edit(
        default_files(), "recommendations.yaml", "any: [response is responder, response is partial]", "any: [response is at least possible]"
    ),
    "role_whose_scales_worsen_in_two_ways": edit(default_files(), "course.yaml", "scales: [phq9, qids_sr16, madrs]", "scales: [phq9, who5, madrs]"),
    "role_that_prefers_what_is_no_measure": edit(default_files(), "course.yaml", "prefer: [assessable", "prefer: [asessable"),
    "flag_that_no_rule_raises": edit(default_files(), "recommendations.yaml", "        - worse_than_baseline", "        - suppressed_booked"),
    "method_of_items_unknown": edit(default_files(), "instruments/who5.yaml", "    method: raw", "    method: rav"),
    "method_meant_unknown": edit(default_files(), "instruments/who5.yaml", "    otherwise: percent", "    otherwise: percnt"),
    "order_with_a_word_that_never_comes": edit(default_files(), "facts.yaml", "order: [withdrawn, absent, given]", "order: [withdrawn, absent, givn]"),
    "order_of_words_by_size": edit(default_files(), "facts.yaml", "order: [withdrawn, absent, given]", "order: [highest]"),
    "order_of_numbers_by_words": edit(default_files(), "facts.yaml", "field: systolic, order: [highest]", "field: systolic, order: [given]"),
    "key_that_is_no_field": edit(default_files(), "facts.yaml", "key: test, value: alt", "key: tst, value: alt"),
    "value_that_the_key_never_has": edit(default_files(), "facts.yaml", "key: test, value: alt", "key: test, value: att"),
    "divisor_that_is_no_field": edit(default_files(), "facts.yaml", "value: alt, field: value, per: upper_limit", "value: alt, field: value, per: uper_limit"),
    "stating_what_is_no_field": edit(default_files(), "facts.yaml", "    stating: symptoms", "    stating: symptms"),
    "rejection_that_nobody_gives": edit(default_files(), "measures.yaml", "code: invalid_score,", "code: invalid_scor,"),
    "indication_that_nobody_has": edit(default_files(), "measures.yaml", "list: indications, value: ptsd", "list: indications, value: ptds"),
    "hold_that_is_none": add_measure("  lifted: {kind: stands, date: last_infusion, hold: pregnant, says: x}"),
    "count_that_is_in_days": edit(default_files(), "recommendations.yaml", "n: corroborating_sources", "n: grace"),
    "part_called_like_an_instrument": edit(
        default_files(), "instruments/gad7.yaml", "parameters:\n", "parts:\n  isi: {item: 1, short: x, says: x}\n\nparameters:\n"
    ),
    "measure_called_like_a_scale": add_measure("  phq9: {kind: age_years, says: x}"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGLESS)
def test_what_means_nothing_is_refused(name: str) -> None:
    pack, problems = check_files(MEANINGLESS[name])
    assert pack is None
    assert problems


WORD = re.compile(r"(?<![\w.-])[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?![\w.-])")


def mutated(files: Files, rng: random.Random) -> Files:
    """Return the files with one word replaced by another word that stands in the same place of another line."""
    name = rng.choice([one for one in files if one not in ("pack.yaml", "citations.yaml")])
    text = files[name]
    words = [found for found in WORD.finditer(text) if found.start() > text.index("\n")]
    if not words:
        return files
    found = rng.choice(words)
    alike = [one[0] for one in words if one[0].count(".") == found[0].count(".")]
    return {**files, name: text[: found.start()] + rng.choice(alike) + text[found.end() :]}


@pytest.mark.parametrize("start", range(0, 80, 10))
def test_a_pack_with_words_exchanged_is_refused_or_runs(start: int) -> None:
    for seed in range(start, start + 10):
        rng = random.Random(seed)
        files = default_files() if seed % 4 == 0 else invent_pack(seed // 8, seed % 3)
        runs(mutated(files, rng), records=3)
