"""No change of the default pack goes unnoticed without an explanation: a sample here, all in `make mutants`."""

from __future__ import annotations

import os
import random
from datetime import date

from boosterwatch.engine.author.lint.waivers import read_waivers
from boosterwatch.engine.author.mutate.verdicts import SURVIVED, excused_by, judge, with_waivers
from boosterwatch.tests.author.mutate.stage import mutants, opened, rehearsal

SAMPLE = int(os.environ.get("BOOSTERWATCH_SURVIVORS", "150"))
DAY = date(2026, 6, 1)


def test_no_change_survives_unexplained() -> None:
    several = random.Random("survivors").sample(mutants(), min(SAMPLE, len(mutants())))
    waivers = read_waivers(opened())
    verdicts = with_waivers(judge(rehearsal(), several, DAY, excused_by(waivers, DAY)), waivers, DAY)
    assert [verdict.mutant.name for verdict in verdicts if verdict.status == "survived"] == []


def test_every_waiver_is_of_a_change_that_survives() -> None:
    excused = {waiver.at for waiver in read_waivers(opened()) if waiver.code == SURVIVED}
    several = [mutant for mutant in mutants() if mutant.name in excused]
    assert {mutant.name for mutant in several} == excused
    stage = rehearsal()
    assert [mutant.name for mutant in several if next(stage.broken_by(mutant.change), None) is not None] == []
