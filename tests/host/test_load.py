"""A bundle is verified before use: approval, status, day, floor, review, overlay; each refusal word for word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.host import load as loading
from boosterwatch.engine.host.bundle import open_bundle
from boosterwatch.engine.host.floor import Floor
from boosterwatch.engine.host.load import Day, Hosted, load_bundle
from boosterwatch.engine.overlay import read_overlay
from boosterwatch.engine.pack.review import Overdue
from boosterwatch.tests.host.released import SIGNERS, TODAY, Release, again, face, number, release
from boosterwatch.tests.trust.people import FIRST, LEAD, RELEASER, SECOND, STRANGER, keyring

RECORD = {"as_of": "2026-11-24"}
TRIAL = face("status", "active", "trial")


def load(one: Release, **more: object) -> Hosted:
    given: dict[str, object] = {"keyring": keyring(), "on": TODAY, **more}
    return load_bundle(one.bundle(), "x.bundle", **given)  # type: ignore[arg-type]


def refusal(one: Release | bytes, **more: object) -> str:
    """Return everything that is said against a bundle."""
    data = one if isinstance(one, bytes) else one.bundle()
    given: dict[str, object] = {"keyring": keyring(), "on": TODAY, **more}
    with pytest.raises(PackError) as caught:
        load_bundle(data, "x.bundle", **given)  # type: ignore[arg-type]
    return render(caught.value.diagnostics, {})


def test_an_approved_bundle_is_ready_to_decide() -> None:
    hosted = load(release())
    assert (hosted.name, hosted.manifest, hosted.pack.digest) == (
        "quick-screen@1.0.0", release().manifest, release().manifest.digest
    )  # fmt: skip
    assert hosted.approved.until == TODAY + timedelta(days=365)
    assert evaluate(hosted.pack, RECORD).pack["digest"] == hosted.manifest.digest


def test_without_enough_signatures_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("compiled before the approval held")

    monkeypatch.setattr(loading, "compile_found", never)
    data = release().bundle(("author", LEAD), ("approve", FIRST), ("release", RELEASER))
    assert refusal(data) == (
        "BW257 too few approvals of `quick-screen@1.0.0`: 1 of 2\n"
        "  hint: a clinical approver who is not an author runs `boosterwatch approve PACK`\n"
    )


def test_a_signature_by_nobody_we_know() -> None:
    data = release().bundle(*SIGNERS, ("approve", STRANGER))
    assert refusal(data) == (
        f"x.bundle/signatures/approve-{STRANGER.key.id}.json:1:1: BW248 the key `{STRANGER.key.id}` is not in the keyring "
        "`north-clinic`\n  hint: add the key if you know whose it is; otherwise remove the file\n"
    )


def test_an_approval_that_ran_out() -> None:
    last, overdue = TODAY + timedelta(days=365), Overdue("the committee meets on 8 July", "role:medical-director")
    assert load(release(), on=last, overdue=overdue).approved.until == last
    words = refusal(release(), on=last + timedelta(days=1), overdue=overdue)
    assert f"x.bundle/signatures/approve-{FIRST.key.id}.json:1:1: BW258 " in words
    assert "BW257 too few approvals of `quick-screen@1.0.0`: 0 of 2" in words


def test_a_withdrawal_inside_the_bundle() -> None:
    data = release().bundle(*SIGNERS, ("withdraw", SECOND))
    assert "BW259 `role:second-approver` withdrew `quick-screen@1.0.0` at 2026-11-24T12:00:00Z: I read it" in refusal(
        data
    )


def test_a_trial_only_runs_in_a_shadow() -> None:
    trial = release("1.0.1", TRIAL)
    assert refusal(trial) == (
        "BW142 `quick-screen@1.0.1` is trial and may not decide in a host\n"
        "  hint: this host runs what is active; release a version with that status\n"
    )
    assert load(trial, purpose="shadow").pack.ir.status == "trial"
    assert load(release(), purpose="shadow").pack.ir.status == "active"


def test_a_retired_version_runs_in_no_host() -> None:
    retired = release("1.0.1", face("status", "active", "retired"))
    hint = "release a version with that status\n"
    assert refusal(retired) == (
        f"BW142 `quick-screen@1.0.1` is retired and may not decide in a host\n  hint: this host runs what is active; {hint}"
    )
    assert refusal(retired, purpose="shadow") == (
        "BW142 `quick-screen@1.0.1` is retired and may not run in a shadow in a host\n"
        f"  hint: this host runs what is active or trial; {hint}"
    )


def test_a_version_that_has_not_begun() -> None:
    later = release("1.0.1", face("effective", "2000-01-01", "2026-12-01"))
    assert refusal(later) == (
        "BW483 note: `quick-screen@1.0.1` begins on 2026-12-01\n  hint: leave it where it is: it is taken into use on that day\n"
    )
    assert load(later, on=date(2026, 12, 1)).name == "quick-screen@1.0.1"


def test_the_floor_is_asked() -> None:
    seen = Floor().raised(release("1.0.1", number(36)).manifest)
    assert "BW269" in refusal(release(), floor=seen)
    assert "BW270" in refusal(release("1.0.1"), floor=seen)
    assert "BW271" in refusal(release(), floor=Floor().without(release().manifest.sha256, "wrong"))


def test_all_reasons_are_told_at_once() -> None:
    data = release("1.0.1", TRIAL).bundle(("author", LEAD))
    seen = Floor().raised(again(release().manifest, version="1.0.2"))
    with pytest.raises(PackError) as caught:
        load_bundle(data, "x.bundle", keyring(), TODAY, seen)
    assert sorted(problem.code for problem in caught.value.diagnostics) == ["BW142", "BW257", "BW257", "BW269"]


def test_an_overdue_review_and_its_override() -> None:
    day = date(2027, 7, 2)
    words = refusal(release(), on=day)
    assert words.startswith("BW143 the review of `quick-screen@1.0.0` was due on 2027-06-30, 2 days ago\n  hint: ")
    hosted = load(release(), on=day, overdue=Overdue("the committee meets on 8 July", "role:medical-director"))
    review = evaluate(hosted.pack, RECORD | {"as_of": "2027-07-02"}).review
    assert review == {
        "due": "2027-06-30", "overdue_reason": "the committee meets on 8 July", "by": "role:medical-director"
    }  # fmt: skip
    assert load(release(), on=day, purpose="shadow").pack.review is None


OVERLAY = b"""overlay: north-clinic
title: North clinic
pack: quick-screen
from: "1.0.0"
before: "1.0.1"
values:
  - {parameter: nonresponse_days, value: 35, from: 2026-01-01, reason: Our visits are rarer., by: role:lead, date: 2026-01-01}
"""


def test_an_overlay_is_laid_over_or_refused() -> None:
    overlay = read_overlay(OVERLAY, "north.yaml")
    hosted = load(release(), overlay=overlay)
    assert hosted.pack.ir.site is not None
    assert hosted.pack.digest == hosted.manifest.digest
    assert "BW221 the overlay fits versions from 1.0.0 and before 1.0.1, not 1.0.1" in refusal(
        release("1.0.1", number(36)), overlay=overlay
    )


def test_rules_that_another_engine_released() -> None:
    one = release()
    other = Release(one.files, again(one.manifest, digest="c" * 64, tool="9.9.9"))
    assert refusal(other) == (
        f"BW268 `x.bundle` compiles to other rules than were released: {one.manifest.digest[:12]}, not cccccccccccc\n"
        "  hint: run it with boosterwatch 9.9.9, which released it, or release it again with this one\n"
    )


@pytest.mark.parametrize("lie", [{"version": "1.0.9"}, {"status": "trial"}, {"effective": "2001-01-01"}])
def test_a_manifest_that_says_other_than_its_pack(lie: dict[str, str]) -> None:
    data = Release(release().files, again(release().manifest, **lie)).bundle()
    with pytest.raises(PackError) as caught:
        load_bundle(data, "x.bundle", keyring(), TODAY, purpose="shadow")
    assert [problem.code for problem in caught.value.diagnostics] == ["BW268"]


def test_a_bundle_that_does_not_compile_is_told_with_its_lines() -> None:
    one = release()
    files = {
        **one.files,
        "safety.yaml": b"# yaml-language-server: $schema=../../../schemas/part.schema.json\nnonsense: 1\n",
    }
    from boosterwatch.tests.host.released import entries

    words = refusal(Release(files, again(one.manifest, files=entries(files))))
    assert words.startswith("x.bundle/safety.yaml:2:1: BW103 unknown key `nonsense`")


def test_the_day_of_signatures_is_that_of_utc_and_the_day_of_rules_that_of_the_clinic() -> None:
    west = timezone(timedelta(hours=-8))
    assert Day.of(datetime(2026, 11, 30, 20, 0, tzinfo=west)) == Day(utc=date(2026, 12, 1), clinic=date(2026, 11, 30))
    assert Day.of(datetime(2026, 11, 30, 20, 0, tzinfo=UTC)) == Day(utc=date(2026, 11, 30), clinic=date(2026, 11, 30))


def test_opening_does_not_ask_for_approval() -> None:
    assert open_bundle(release().bundle(("author", LEAD)), "x.bundle").manifest == release().manifest
