"""Which decisions of a log are the learner's, and which the clock wrote in order not to wait."""

import msgspec

from domain.detection.churn_recipe import START_MODEL
from events.calendar import date_of
from events.control import ModelDecided
from infra.log.memory import MemoryLog
from services.ops.verify.recorded_decisions import RecordedDecision, recorded_decisions
from tests.support.given import DAY, order
from tests.support.learning_world import LearningWorld, undecided
from tests.support.world import PROJECTION, awaited

TAKEN = ModelDecided(PROJECTION, date_of(DAY + 1), START_MODEL)


async def a_log() -> MemoryLog:
    """A log whose first day is opened and whose projection learns."""
    log = (await LearningWorld().create()).log
    await log.advance(DAY)
    return log


async def recorded(log: MemoryLog) -> dict[int, RecordedDecision]:
    return recorded_decisions(await log.control_records(), PROJECTION)


@awaited
async def test_a_day_that_was_opened_live_was_passed_over() -> None:
    log = await a_log()
    await log.advance(DAY + 1)

    assert await recorded(log) == {DAY + 1: RecordedDecision(undecided(DAY + 1), passed_over=True)}


@awaited
async def test_what_the_learner_decided_was_not_passed_over() -> None:
    log = await a_log()
    await log.decide_model(TAKEN)
    await log.advance(DAY + 1)

    assert await recorded(log) == {DAY + 1: RecordedDecision(TAKEN, passed_over=False)}


@awaited
async def test_nothing_new_of_the_learner_before_its_day_is_opened_is_not_either() -> None:
    log = await a_log()
    await log.decide_model(undecided(DAY + 1))
    await log.advance(DAY + 2)
    await log.decide_model(undecided(DAY + 2))

    assert [entry.passed_over for entry in (await recorded(log)).values()] == [True, False]


@awaited
async def test_a_refusal_was_never_passed_over() -> None:
    log = await a_log()
    refused = msgspec.structs.replace(undecided(DAY + 1), refused="non-finite")
    await log.decide_model(refused)
    await log.advance(DAY + 1)

    assert (await recorded(log))[DAY + 1] == RecordedDecision(refused, passed_over=False)


@awaited
async def test_the_days_of_an_import_are_never_passed_over() -> None:
    log = await a_log()
    await log.begin_import("i1", 1)
    await log.decide_model(undecided(DAY + 1))
    await log.append([order("anna", DAY + 1)], "i1", 1)
    await log.end_import("i1", finished=True)
    await log.advance(DAY + 2)

    found = await recorded(log)
    assert [found[DAY + day].passed_over for day in (1, 2)] == [False, True]


@awaited
async def test_decisions_of_other_projections_are_left_out() -> None:
    log = await a_log()
    await log.decide_model(ModelDecided("second", date_of(DAY + 1), START_MODEL))

    assert await recorded(log) == {}
