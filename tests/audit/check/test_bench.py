"""The measurements of checking still run; nothing here looks at a time."""

from boosterwatch.tests.bench import audit_checking, report


def test_checking_is_measured() -> None:
    found = audit_checking.measure(600, proofs=5)
    section = audit_checking.section(found)
    assert min(found[:-1]) > 0
    assert found.proof.p50 > 0
    assert len(section.rows) == 6
    assert "Checking an audit log of 600 entries" in report.as_text(section)
    assert [goal.what for goal in section.goals] == ["`audit verify`, entries", "one inclusion proof"]
