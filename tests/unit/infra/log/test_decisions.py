"""Decisions in the head, and when a day that is opened live passes its model over."""

import msgspec
import pytest

from domain.detection.churn_recipe import START_MODEL
from events import codec
from events.calendar import date_of
from events.catalogue import REGISTRY
from events.control import ModelDecided, ProjectionCreated
from events.marks import DayOpened
from infra.log.head import DamagedControlError, LogHead, evolve, replay
from infra.log.memory import MemoryLog
from infra.log.records import ControlRecord
from tests.support.given import DAY, LOG, order
from tests.support.learning_world import LEARNING, LearningWorld, undecided
from tests.support.marks import control_words
from tests.support.world import PROJECTION, World, awaited


def decided(day: int, projection: str = PROJECTION) -> ModelDecided:
    return ModelDecided(projection, date_of(day), START_MODEL)


def after(*events: ModelDecided | ProjectionCreated) -> LogHead:
    head = evolve(None, LOG)
    for event in events:
        head = evolve(head, event)
    return head


def decisions(log: MemoryLog, projection: str = PROJECTION) -> list[ModelDecided]:
    assert log.head is not None
    return list(log.head.decisions.get(projection, ()))


async def a_learning_log() -> MemoryLog:
    """A log whose first day is opened and whose projection learns."""
    log = (await LearningWorld().create()).log
    await log.advance(DAY)
    return log


def test_a_projection_learns_where_its_first_record_names_a_learner() -> None:
    silent = ProjectionCreated("second", "f2")

    assert after(LEARNING, silent).learners == {PROJECTION: "churn-1"}
    assert after(silent).learners == {}


def test_decisions_are_kept_by_projection_in_the_order_of_days() -> None:
    head = after(decided(DAY), decided(DAY, "second"), undecided(DAY + 1))

    assert head.decisions[PROJECTION] == (decided(DAY), undecided(DAY + 1))
    assert head.decided_up_to(PROJECTION) == DAY + 1
    assert head.decided_up_to("second") == DAY
    assert head.decided_up_to("third") is None


def test_of_two_decisions_for_a_day_the_first_one_stands_wherever_they_are_written() -> None:
    first, second = undecided(DAY + 1), decided(DAY + 1)

    head = after(decided(DAY), first, second, decided(DAY), decided(DAY + 2))

    assert head.decisions[PROJECTION] == (decided(DAY), first, decided(DAY + 2))


def test_a_model_that_cannot_be_read_is_named() -> None:
    record = ControlRecord(0, REGISTRY.name_of(LOG), 0, codec.encode(LOG), b"")
    spoilt = codec.encode(decided(DAY)).replace(b'"clip":4.0', b'"clip":"x"')
    model = ControlRecord(1, "crm.model.decided.v1", 0, spoilt, b"")

    with pytest.raises(DamagedControlError, match=r"offset 1, crm\.model\.decided\.v1"):
        replay([record, model])


@awaited
async def test_the_first_day_has_no_decision() -> None:
    log = await a_learning_log()

    assert decisions(log) == []


@awaited
async def test_one_day_opened_live_stays_as_it_was_and_its_mark_follows() -> None:
    log = await a_learning_log()
    await log.advance(DAY + 1)

    assert decisions(log) == [undecided(DAY + 1)]
    assert (await control_words(log))[-2:] == ["ModelDecided", f"day {DAY + 1}"]


@awaited
async def test_so_does_a_day_that_a_live_fact_opens() -> None:
    log = await a_learning_log()
    await log.append([order("anna", DAY + 1)])

    assert decisions(log) == [undecided(DAY + 1)]


@awaited
async def test_day_by_day_each_one_is_passed_over() -> None:
    log = await a_learning_log()
    for day in (1, 2, 3):
        await log.advance(DAY + day)

    assert decisions(log) == [undecided(DAY + day) for day in (1, 2, 3)]


@awaited
async def test_a_decision_that_stands_is_left_alone() -> None:
    log = await a_learning_log()
    await log.decide_model(decided(DAY + 1))
    await log.advance(DAY + 1)

    assert decisions(log) == [decided(DAY + 1)]


@awaited
async def test_a_late_decision_for_a_day_that_was_passed_over_changes_nothing() -> None:
    log = await a_learning_log()
    await log.advance(DAY + 1)
    before = await control_words(log)
    await log.decide_model(decided(DAY + 1))

    assert decisions(log) == [undecided(DAY + 1)]
    assert await control_words(log) == before


@pytest.mark.parametrize("days", [2, 7, 8, 100])
@awaited
async def test_several_days_at_once_wait_for_their_models(days: int) -> None:
    log = await a_learning_log()
    await log.advance(DAY + days)

    assert decisions(log) == []


@awaited
async def test_a_day_after_undecided_ones_waits_too() -> None:
    log = await a_learning_log()
    await log.advance(DAY + 3)
    await log.advance(DAY + 4)
    assert decisions(log) == []

    for day in (1, 2, 3, 4):
        await log.decide_model(decided(DAY + day))
    await log.advance(DAY + 5)
    assert decisions(log)[-1] == undecided(DAY + 5)


@awaited
async def test_the_days_of_an_import_wait_and_so_does_the_live_one_after_them() -> None:
    log = await a_learning_log()
    await log.begin_import("i1", 2)
    await log.append([order("anna", DAY + 1), order("bert", DAY + 2)], "i1", 2)
    await log.end_import("i1", finished=True)
    await log.advance(DAY + 3)

    assert decisions(log) == [], "what the import opened is not folded yet"


@awaited
async def test_where_nothing_learns_nothing_is_decided() -> None:
    world = await World().create()
    await world.log.advance(DAY)
    await world.log.advance(DAY + 1)

    assert decisions(world.log) == []
    assert "ModelDecided" not in await control_words(world.log)


@awaited
async def test_a_day_is_passed_over_for_the_projection_that_stands_alone() -> None:
    log = await a_learning_log()
    await log.create_projection(msgspec.structs.replace(LEARNING, projection="second"))
    await log.advance(DAY + 1)
    assert (decisions(log), decisions(log, "second")) == ([undecided(DAY + 1)], [])

    await log.decide_model(decided(DAY + 1, "second"))
    await log.switch_projection("second")
    await log.advance(DAY + 2)
    assert decisions(log) == [undecided(DAY + 1)]
    assert decisions(log, "second")[1:] == [ModelDecided("second", date_of(DAY + 2))]


@awaited
async def test_a_decision_stands_before_the_mark_of_its_day() -> None:
    log = await a_learning_log()
    await log.advance(DAY + 1)

    *_, decision, mark = [
        REGISTRY.decode(record.type, record.data) for record in await log.control_records()
    ]
    assert (decision, mark) == (undecided(DAY + 1), DayOpened(date_of(DAY + 1)))


def test_a_rebuild_is_taken_up_by_the_learner_that_began_it_only() -> None:
    rebuilt = ProjectionCreated("second", "f2", learner="churn-1:aaaa")
    head = after(LEARNING, rebuilt)

    assert head.rebuild_under_way("f2", "churn-1:aaaa") == "second"
    assert head.rebuild_under_way("f2", "churn-1:bbbb") is None
    assert head.rebuild_under_way("f2") is None
