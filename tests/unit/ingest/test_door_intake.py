"""The intake: from events to durable facts, one result an event, and everything counted."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from events.control import ClockMode
from events.envelope import CloudEvent
from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from infra.log.records import Appended, AppendOutcome, DeadLetter, Duplicate, NewFact, Suspended
from services.ingest.door import Door, Now, Refusal, RefusalReason
from services.ingest.intake import (
    CONFLICT,
    Arrival,
    Intake,
    Refused,
    Result,
    Unreadable,
    dead_letter_id,
    is_late,
)
from tests.unit.ingest.door_given import (
    LONDON,
    OPEN_DAY,
    REGISTERED,
    USAGE,
    StandingClock,
    at,
    event,
    intake_of,
    opened_log,
)

NOON = "2026-03-14T12:00:00+00:00"
UNREADABLE = Unreadable(
    Refusal(RefusalReason.MALFORMED, "$", "Input data was truncated", "send JSON"), "shop", "o-1"
)


def submitted(
    *batches: list[Arrival], mode: ClockMode = ClockMode.WALL
) -> tuple[list[list[Result]], MemoryLog]:
    """Submit batches one after the other, then flush the counts."""

    async def run() -> tuple[list[list[Result]], MemoryLog]:
        clock = StandingClock(NOON)
        log = await opened_log(clock, mode)
        intake = intake_of(log, clock)
        results = [await intake.submit(batch) for batch in batches]
        await intake.flush_counts()
        return results, log

    return asyncio.run(run())


def facts_of(log: MemoryLog) -> list[str | None]:
    return [
        record.id
        for partition in log.storage.facts
        for record in partition
        if record.customer_id is not None
    ]


def test_an_event_becomes_a_fact() -> None:
    [[result]], log = submitted([event()])

    assert result == Appended(1)
    assert facts_of(log) == ["u-1"]
    assert log.tallies == {("billing", "accepted"): 1}


def test_the_same_event_again_is_a_duplicate_and_counted_so() -> None:
    [[first], [second]], log = submitted([event()], [event()])

    assert isinstance(first, Appended)
    assert second == Duplicate()
    assert facts_of(log) == ["u-1"]
    assert log.tallies == {("billing", "accepted"): 1, ("billing", "duplicate"): 1}


def test_the_same_event_twice_in_one_batch_is_a_duplicate_too() -> None:
    [[first, second]], log = submitted([event(), event()])

    assert isinstance(first, Appended)
    assert second == Duplicate()
    assert facts_of(log) == ["u-1"]


@pytest.mark.parametrize(
    "other",
    [
        event(data=USAGE.replace(b"1.5", b"1.6")),
        event(time="2026-03-14T09:26:54+00:00"),
        event("crm.customer.registered.v1", REGISTERED),
    ],
    ids=["other data", "another time", "another type"],
)
def test_another_body_under_the_same_name_is_a_conflict(other: CloudEvent) -> None:
    [[first, second], [third]], log = submitted([event(), other], [other])

    assert isinstance(first, Appended)
    assert second == third == Refused(CONFLICT)
    assert log.tallies == {("billing", "accepted"): 1, ("billing", "conflict"): 2}


def test_the_same_id_of_another_source_is_another_event() -> None:
    [[first, second]], _ = submitted([event(), event(source="network")])

    assert isinstance(first, Appended)
    assert isinstance(second, Appended)


def test_white_space_in_the_data_is_not_another_body() -> None:
    [[_, second]], _ = submitted([event(), event(data=USAGE.replace(b":", b": "))])

    assert second == Duplicate()


def test_results_stand_in_the_order_of_the_events() -> None:
    batch = [
        UNREADABLE,
        event(event_id="u-1"),
        event("crm.no.such.v1", event_id="u-2"),
        event(event_id="u-1"),
        event(event_id="u-3"),
    ]

    [results], log = submitted(batch)

    assert results[0] == Refused(UNREADABLE.refusal)
    assert isinstance(results[1], Appended)
    assert isinstance(results[2], Refused)
    assert results[2].refusal.reason is RefusalReason.UNKNOWN_TYPE
    assert results[3] == Duplicate()
    assert isinstance(results[4], Appended)
    assert facts_of(log) == ["u-1", "u-3"]
    assert log.tallies == {
        ("shop", "malformed"): 1,
        ("billing", "accepted"): 2,
        ("billing", "unknown-type"): 1,
        ("billing", "duplicate"): 1,
    }


def test_what_comes_too_late_is_kept_as_a_dead_letter() -> None:
    late = event(time="2025-12-12T12:00:00+00:00")

    [[first], [again]], log = submitted([late], [late])

    assert isinstance(first, Refused)
    assert first.refusal.reason is RefusalReason.TOO_LATE
    assert first.dead_letter == dead_letter_id(late)
    assert again == first
    [letter] = log.dead_letters.values()
    assert letter.id == first.dead_letter
    assert (letter.source, letter.reason) == ("billing", "too-late")
    assert letter.detail == first.refusal.detail
    assert letter.mend == first.refusal.mend
    assert letter.place == "POST /v1/events"
    assert letter.received == at(NOON)
    assert msgspec.json.decode(letter.body, type=CloudEvent).time == late.time
    assert msgspec.json.decode(letter.body)["data"] == msgspec.json.decode(USAGE)


def test_dead_letters_of_different_events_have_different_ids() -> None:
    ids = {
        dead_letter_id(event()),
        dead_letter_id(event(event_id="u-2")),
        dead_letter_id(event(source="network")),
        dead_letter_id(event(data=REGISTERED)),
    }

    assert len(ids) == 4
    assert {len(each) for each in ids} == {32}


def test_only_what_is_too_late_is_kept() -> None:
    _, log = submitted(
        [event("crm.no.such.v1"), event(time="2027-01-01T00:00:00+00:00"), UNREADABLE]
    )

    assert log.dead_letters == {}


def test_behaviour_of_an_earlier_day_is_counted_as_late() -> None:
    yesterday = "2026-03-13T12:00:00+00:00"
    [results], log = submitted(
        [
            event(event_id="u-1", time=yesterday),
            event(event_id="u-1", time=yesterday),
            event("crm.customer.registered.v1", REGISTERED, yesterday, "r-1"),
            event(event_id="u-2"),
        ]
    )

    assert [type(result) for result in results] == [Appended, Duplicate, Appended, Appended]
    assert log.tallies == {
        ("billing", "accepted"): 3,
        ("billing", "duplicate"): 1,
        ("billing", "late"): 1,
    }


def test_an_event_that_opens_a_day_makes_the_earlier_ones_behind_it_late() -> None:
    async def run() -> dict[tuple[str, str], int]:
        clock = StandingClock("2026-03-15T00:00:30+00:00")
        log = await opened_log(clock)
        intake = intake_of(log, clock)
        await intake.submit(
            [
                event(event_id="u-1", time="2026-03-14T23:59:59+00:00"),
                event(event_id="u-2", time="2026-03-15T00:00:01+00:00"),
                event(event_id="u-3", time="2026-03-14T23:59:58+00:00"),
            ]
        )
        await intake.flush_counts()
        return log.tallies

    assert asyncio.run(run()) == {("billing", "accepted"): 3, ("billing", "late"): 1}


def test_nothing_is_late_before_a_day_is_open() -> None:
    async def run() -> tuple[list[Result], dict[tuple[str, str], int]]:
        clock = StandingClock(NOON)
        log = MemoryLog(1, clock)
        await log.create(LONDON, ClockMode.WALL)
        intake = intake_of(log, clock)
        results = await intake.submit([event(), event(event_id="u-2")])
        await intake.flush_counts()
        return results, log.tallies

    results, tallies = asyncio.run(run())

    assert [type(result) for result in results] == [Appended, Appended]
    assert tallies == {("billing", "accepted"): 2}


@pytest.mark.parametrize(
    ("open_day", "late"), [(None, False), (OPEN_DAY, False), (OPEN_DAY + 1, True)]
)
def test_late_is_of_a_day_before_the_open_one(open_day: int | None, late: bool) -> None:
    fact = Door(LONDON).admit(event(), Now(at(NOON), None))
    assert isinstance(fact, NewFact)

    assert is_late(fact, open_day) is late


def test_while_an_import_has_the_log_nothing_is_let_in_counted_or_kept() -> None:
    async def run() -> tuple[list[Result], MemoryLog]:
        clock = StandingClock(NOON)
        log = await opened_log(clock)
        await log.begin_import("imp-7", 100)
        intake = intake_of(log, clock)
        results = await intake.submit(
            [event(), event("crm.no.such.v1"), event(time="2025-01-01T00:00:00+00:00"), UNREADABLE]
        )
        await intake.flush_counts()
        return results, log

    results, log = asyncio.run(run())

    assert results == [Suspended("imp-7")] * 4
    assert facts_of(log) == []
    assert log.tallies == {}
    assert log.dead_letters == {}


def test_after_the_import_events_are_let_in_again() -> None:
    async def run() -> list[Result]:
        clock = StandingClock(NOON)
        log = await opened_log(clock)
        await log.begin_import("imp-7", 100)
        intake = intake_of(log, clock)
        await intake.submit([event()])
        await log.end_import("imp-7", finished=True)
        return await intake.submit([event()])

    [result] = asyncio.run(run())

    assert isinstance(result, Appended)


def test_an_import_that_begins_between_check_and_append_suspends_the_whole_batch() -> None:
    class ImportBeginsMeanwhile(MemoryLog):
        async def append(
            self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
        ) -> Sequence[AppendOutcome]:
            await self.begin_import("imp-8", 100)
            return await super().append(facts, import_id, done)

    async def run() -> tuple[list[Result], dict[tuple[str, str], int]]:
        clock = StandingClock(NOON)
        log = ImportBeginsMeanwhile(1, clock)
        await log.create(LONDON, ClockMode.WALL)
        await log.advance(OPEN_DAY)
        intake = intake_of(log, clock)
        results = await intake.submit([event(), UNREADABLE])
        await intake.flush_counts()
        return results, log.tallies

    results, tallies = asyncio.run(run())

    assert results == [Suspended("imp-8"), Suspended("imp-8")]
    assert tallies == {}


def test_a_request_that_holds_no_event_is_counted_without_a_source() -> None:
    async def run() -> dict[tuple[str, str], int]:
        clock = StandingClock(NOON)
        log = await opened_log(clock)
        intake = intake_of(log, clock)
        intake.count_refused(UNREADABLE.refusal)
        intake.count_refused(UNREADABLE.refusal)
        await intake.flush_counts()
        return log.tallies

    assert asyncio.run(run()) == {("", "malformed"): 2}


def test_a_dead_letter_that_cannot_be_kept_keeps_the_whole_batch_out() -> None:
    class NothingCanBeBuried(MemoryLog):
        async def bury(self, letters: Sequence[DeadLetter]) -> None:
            raise LogUnavailableError(f"disk full, {len(letters)} letters lost")

    clock = StandingClock(NOON)
    log = NothingCanBeBuried(1, clock)

    async def run() -> None:
        await log.create(LONDON, ClockMode.WALL)
        await log.advance(OPEN_DAY)
        intake = intake_of(log, clock)
        try:
            await intake.submit([event(), event(time="2025-12-12T12:00:00+00:00", event_id="u-2")])
        finally:
            await intake.flush_counts()

    with pytest.raises(LogUnavailableError, match="1 letters"):
        asyncio.run(run())
    assert facts_of(log) == []
    assert log.tallies == {}


def test_an_intake_without_a_log_says_so() -> None:
    clock = StandingClock(NOON)
    intake: Intake = intake_of(MemoryLog(1, clock), clock)

    with pytest.raises(LookupError, match="never created"):
        asyncio.run(intake.submit([event()]))
