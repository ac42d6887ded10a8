"""The corpus: edits of the default pack that change its meaning, and what each does, decided by reading the rules.

Nothing here was taken from the tool's own answers; `because` is the reasoning. `about` is the part and id that is
changed, and for rules made from a template one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from boosterwatch.tests.packs.files import Files, edit, set_value


@dataclass(frozen=True)
class Edit:
    """One edit: a number, a text in a file, or two neighbouring entries swapped; and its effect."""

    id: str
    about: tuple[str, str]
    effect: str
    because: str
    nobody: bool = False  # no answer hangs on it, so nobody is affected
    value: tuple[str, float] | None = None
    text: tuple[str, str, str] | None = None
    swap: tuple[str, str, str] | None = None

    def made(self, files: Files) -> Files:
        """Return the files with the edit made."""
        if self.value is not None:
            return set_value(files, *self.value)
        return edit(files, *self.text) if self.text is not None else swapped(files, *(self.swap or ("", "", "")))


def swapped(files: Files, name: str, first: str, second: str) -> Files:
    """Return the files with the entry that begins with `second` moved before the one that begins with `first`."""
    text = files[name]
    start, middle = text.index(first), text.index(second)
    rest = [
        text.find(end, middle + len(second)) for end in ("\n\n", second[: second.index("-")] + "- ", "\n    otherwise")
    ]
    end = min(at for at in rest if at >= 0)
    moved = text[middle:end].rstrip("\n") + "\n"
    gap = "\n" if "\n\n" in text[start:middle] else ""
    left = text[start:middle].rstrip("\n") + "\n"
    return {**files, name: text[:start] + moved + gap + left + text[end:].lstrip("\n")}


def number(name: str, value: float, effect: str, because: str) -> Edit:
    """Return an edit of a number."""
    return Edit(f"{name}_{value:g}", ("parameter", name), effect, because, value=(name, value))


def clause(id: str, rule: str, effect: str, because: str, *text: str) -> Edit:
    """Return an edit of the text of a rule: the file, what to find, what to write."""
    name, find, write = text
    return Edit(id, ("rule", rule), effect, because, text=(name, find, write))


def order(id: str, table: str, because: str, *swap: str) -> Edit:
    """Return a change of precedence: who gets one answer gets another, so some gain and some lose."""
    name, first, second = swap
    return Edit(id, ("table", table), "mixed", because, swap=(name, first, second))


RECOMMEND, FLAGS, HOLDS, READINGS = "recommendations.yaml", "flags.yaml", "holds.yaml", "readings.yaml"

NUMBERS = (
    number("isi.delta", 7, "tighter", "a rise of 6 no longer worsens; a gain of 6 no longer gives a share"),
    number("isi.floor", 9, "tighter", "an ISI of 8 is no longer a sign"),
    number("isi.floor", 7, "looser", "an ISI of 7 becomes a sign"),
    number("isi.cut", 14, "looser", "an ISI of 14 becomes case level"),
    number("who5.floor", 40, "tighter", "lower is worse: a WHO-5 of 45 no longer reaches the floor"),
    replace(
        number("who5.cut", 35, "looser", "a WHO-5 of 30 becomes case level, but never more than possible"), nobody=True
    ),
    number("gain_lost_probable", 0.6, "tighter", "more of the gain must be lost"),
    number("phq9.cut", 11, "mixed", "fewer are probable, but more baselines are too low to judge a response"),
    number("responder_pct", 0.55, "tighter", "a fall of half is no longer a response"),
    number("partial_pct", 0.2, "looser", "a fall of a fifth becomes a partial response"),
    number("nonresponse_days", 35, "tighter", "non-response is raised a week later"),
    number("min_interval_days", 28, "looser", "more infusions are too recent; the rule that says so is true for more"),
    number("max_infusions_28d", 3, "tighter", "the limit is reached by fewer"),
    number("booked_window_days", 21, "looser", "a booking further ahead counts"),
    number("grace", 14, "tighter", "an assessment is overdue a week later"),
    number("bp_hold_systolic", 150, "looser", "the hold begins at a lower pressure"),
    number("bp_crisis_diastolic", 125, "tighter", "the crisis begins at a higher pressure"),
    number("enzyme_hold_times", 5, "tighter", "the hold begins at a higher enzyme"),
    number("recent_vascular_days", 180, "looser", "an older stroke still counts"),
    number("adult_age", 21, "looser", "more patients are outside the population"),
    number("corroborating_sources", 3, "tighter", "one more instrument must agree"),
    number("contradiction_days", 7, "tighter", "scores must be nearer to contradict each other"),
    number("contradiction_share", 0.8, "looser", "a larger change of the other scale still contradicts"),
    number("isi.fresh_days", 42, "looser", "an older ISI can be judged, so each of its readings is given to more"),
    number("isi.settle_days", 21, "tighter", "an ISI soon after an infusion can no longer be judged, nor confirm"),
    number(
        "phq9.fresh_days", 42, "mixed", "an older PHQ-9 is judged, and then stands for depression instead of another"
    ),
)

CLAUSES = (
    clause(
        "overdue_on_the_day", "flag_assessment_overdue", "looser", "equal to the grace is overdue too",
        FLAGS, "days_past_due > grace", "days_past_due >= grace",
    ),
    clause(
        "too_soon_on_the_day", "recommend_too_soon", "looser", "the last day of the interval is too soon too",
        RECOMMEND, "days_since_infusion < min_interval_days", "days_since_infusion <= min_interval_days",
    ),
    clause(
        "enzyme_above", "hold_hepatic", "tighter", "an enzyme at the threshold is no longer a hold",
        HOLDS, "lab.alt >= enzyme_hold_times", "lab.alt > enzyme_hold_times",
    ),
    clause(
        "no_floor", "isi_possible", "looser", "a change alone is worse, however good the score",
        READINGS, "      - scale.latest reaches scale.floor\n", "",
    ),
    clause(
        "no_case_level", "isi_probable", "looser", "a score below case level can be probable",
        READINGS, "          - scale.latest reaches scale.cut\n", "",
    ),
    clause(
        "any_age", "booster_criteria", "looser", "one reason against is gone",
        RECOMMEND, "        - outside_population\n", "",
    ),
    clause(
        "both_needed", "booster_criteria", "tighter", "both kinds of support instead of one",
        RECOMMEND, "any: [several_sources, anchor_confirmed]", "all: [several_sources, anchor_confirmed]",
    ),
    clause(
        "less_concern", "recommend_evidence_or_concern", "tighter", "one of the alternatives is gone",
        RECOMMEND, "        - worse_than_baseline\n", "",
    ),
    clause(
        "consent_both", "hold_consent", "tighter", "a status is never two things, so the hold is never placed",
        HOLDS, "{any: [consent.status is withdrawn, consent.status is absent]}",
        "{all: [consent.status is withdrawn, consent.status is absent]}",
    ),
    clause(
        "trauma_confirmed", "anchor_trauma", "tighter", "one more clause must hold",
        RECOMMEND, "{all: [pcl5 is probable, ptsd_relevant]}", "{all: [pcl5 is probable, ptsd_relevant, pcl5 confirmed]}",
    ),
    clause(
        "other_reason", "flag_stale", "mixed", "another reason altogether",
        FLAGS, "primary.reason is stale", "primary.reason is missing",
    ),
)  # fmt: skip

ORDERS = (
    order(
        "often_before_soon", "recommendation", "with both, the other flag is raised",
        RECOMMEND, "  - id: too_soon", "  - id: too_often",
    ),
    order(
        "booster_before_unknown", "recommendation", "a booster is suggested before suicidality is known",
        RECOMMEND, "  - id: suicidality_unknown", "  - id: consider_booster",
    ),
    order(
        "partial_before_responder", "response", "every responder is a partial responder first",
        "course.yaml", "      - state: responder", "      - state: partial",
    ),
)  # fmt: skip

EDITS = (*NUMBERS, *CLAUSES, *ORDERS)


@dataclass(frozen=True)
class Wording:
    """An edit of words alone."""

    id: str
    name: str
    find: str
    write: str


WORDINGS = (
    Wording(
        "parameter_says", "parameters.yaml", "says: age from which the policy applies", "says: lowest age it applies to"
    ),
    Wording(
        "parameter_note", "parameters.yaml", "note: mirrors the usual definition of response", "note: as in trials"
    ),
    Wording(
        "basis_of_a_value",
        "parameters.yaml",
        "basis: published, cite: murrough-2013",
        "basis: recalled, cite: murrough-2013",
    ),
    Wording("comment", "parameters.yaml", "# confirming", "# confirming a change\n  # on a second visit"),
    Wording("because", HOLDS, "because: Psychosis is recorded as active.", "because: There is an active psychosis."),
    Wording("title_of_a_hold", HOLDS, "title: Liver\n", "title: Liver disease\n"),
    Wording("patient_text", "safety.yaml", "In immediate danger call 911.", "In immediate danger, call 911 now."),
    Wording("summary", RECOMMEND, 'summary: "Reassess: {gaps}."', 'summary: "Look again: {gaps}."'),
    Wording("citation", "citations.yaml", "Johns, Sleep 1991;14:540: ESS;", "Johns, Sleep 1991;14:540-545: ESS;"),
    Wording("checklist", RECOMMEND, "  - Escort\n", "  - Somebody to see the patient home\n"),
    Wording("sign_title", "signs/6-sleep.yaml", "title: Sleep", "title: Sleep and waking"),
)
