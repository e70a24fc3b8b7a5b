"""The head: what control records add up to."""

import pytest

from events import codec
from events.calendar import date_of
from events.catalogue import REGISTRY
from events.control import (
    ClockMode,
    ClockModeSet,
    ImportEnded,
    ImportStarted,
    ProjectionCreated,
    SourceScheduled,
)
from events.marks import DayOpened, Emission, Emitting, FeedDay, FeedVerdict
from infra.log.feeds import Feed
from infra.log.head import ControlEvent, DamagedControlError, ImportHold, LogHead, evolve, replay
from infra.log.records import ControlRecord
from tests.support.given import DAY, LOG


def after(*events: ControlEvent) -> LogHead:
    head: LogHead | None = None
    for event in (LOG, *events):
        head = evolve(head, event)
    assert head is not None
    return head


def test_a_new_log_has_no_day_and_follows_the_wall() -> None:
    assert after() == LogHead(LOG)
    assert (after().clock_mode, after().open_day) == (ClockMode.WALL, None)


def test_the_clock_mode_is_the_last_one_set() -> None:
    head = after(ClockModeSet(ClockMode.LOG), ClockModeSet(ClockMode.WALL))

    assert head.clock_mode is ClockMode.WALL


def test_the_first_day_stays_and_the_open_day_moves() -> None:
    head = after(DayOpened(date_of(DAY)), DayOpened(date_of(DAY + 1)))

    assert (head.first_day, head.open_day) == (DAY, DAY + 1)


def test_an_import_suspends_until_it_ends() -> None:
    assert after(ImportStarted("i1", 5)).suspended_by == "i1"
    assert after(ImportStarted("i1", 5), ImportEnded("i1", finished=False)).suspended_by is None


def test_an_import_is_judged_by_the_day_that_was_open_when_it_began() -> None:
    head = after(ImportStarted("i1", 5, date_of(DAY)), DayOpened(date_of(DAY + 9)))

    assert head.hold == ImportHold("i1", facts=5, baseline_day=DAY)
    assert after(ImportStarted("i1", 5)).hold == ImportHold("i1", facts=5)


def test_an_import_that_was_finished_once_is_known_for_ever() -> None:
    finished = (ImportStarted("i1", 5), ImportEnded("i1", finished=True))
    abandoned = (ImportStarted("i1", 5), ImportEnded("i1", finished=False))

    assert after(*abandoned).finished_imports == frozenset()
    assert after(*finished, *abandoned).finished_imports == {"i1"}


FIRST = (ProjectionCreated("first", "f1"), Emitting("first", Emission.LIVE))
SECOND = ProjectionCreated("second", "f2")


def test_a_projection_speaks_for_the_log_from_when_it_is_told_to_emit() -> None:
    assert after().projection() is None
    assert after(*FIRST).projection() == "first"
    assert after(*FIRST, SECOND).projections == {"first": "f1", "second": "f2"}
    assert after(*FIRST, SECOND).projection() == "first"
    assert after(*FIRST, SECOND, Emitting("second", Emission.LIVE)).projection() == "second"


def test_a_projection_that_falls_silent_is_not_replaced_by_that() -> None:
    assert after(*FIRST, Emitting("first", Emission.SILENT)).projection() == "first"


def test_a_rebuild_is_under_way_from_its_creation_until_it_emits() -> None:
    assert after(*FIRST, SECOND).rebuild_under_way("f2") == "second"
    assert after(*FIRST, SECOND).rebuild_under_way("f1") is None
    assert after(*FIRST, SECOND, Emitting("second", Emission.LIVE)).rebuild_under_way("f2") is None


def test_each_projection_emits_as_it_was_last_told_to() -> None:
    head = after(
        Emitting("first", Emission.LIVE),
        Emitting("second", Emission.LIVE),
        Emitting("first", Emission.HISTORY),
    )

    assert head.emissions == {"first": Emission.HISTORY, "second": Emission.LIVE}


def test_a_log_begins_with_its_creation_and_is_created_once() -> None:
    with pytest.raises(ValueError, match="begins with LogCreated"):
        evolve(None, ClockModeSet(ClockMode.LOG))
    with pytest.raises(ValueError, match="created once"):
        evolve(after(), LOG)


def test_a_head_is_left_alone_by_what_follows_it() -> None:
    before = after(Emitting("first", Emission.LIVE))
    evolve(before, Emitting("first", Emission.HISTORY))

    assert before.emissions == {"first": Emission.LIVE}


def test_records_are_replayed_in_order() -> None:
    events: list[ControlEvent] = [LOG, DayOpened(date_of(DAY)), DayOpened(date_of(DAY + 1))]
    records = [
        ControlRecord(offset, REGISTRY.name_of(event), 0, codec.encode(event), b"")
        for offset, event in enumerate(events)
    ]

    assert replay(records) == after(*events[1:])
    assert replay([]) is None


@pytest.mark.parametrize(
    ("type_name", "data"),
    [
        ("crm.clock.mode-set.v1", b'{"mode":"lng"}'),
        ("crm.clock.mode-set.v1", b'{"mode":"log"'),
        ("crm.clock.mode-set.v9", b'{"mode":"log"}'),
        ("crm.day.closed.v1", b'{"partition":0,"day":"2011-01-26","count":0}'),
        ("crm.log.created.v1", codec.encode(LOG)),
    ],
)
def test_a_record_that_cannot_be_read_is_named(type_name: str, data: bytes) -> None:
    created = ControlRecord(0, REGISTRY.name_of(LOG), 0, codec.encode(LOG), b"")

    with pytest.raises(DamagedControlError, match=f"crm.control offset 1, {type_name}, cannot"):
        replay([created, ControlRecord(1, type_name, 0, data, b"")])


def test_the_feeds_are_those_that_were_declared_last() -> None:
    head = after(
        SourceScheduled("probe", ("data", "voice"), 1),
        DayOpened(date_of(DAY)),
        SourceScheduled("probe", ("data",), 0),
    )

    assert head.feeds == {"data": Feed("probe", 0)}


def test_a_mark_that_closes_a_day_moves_its_feed_on() -> None:
    closed = FeedDay("data", date_of(DAY), FeedVerdict.LATE)
    head = after(
        SourceScheduled("probe", ("data",), 0),
        DayOpened(date_of(DAY)),
        DayOpened(date_of(DAY + 1), (closed,)),
    )

    assert head.feeds == {"data": Feed("probe", 0, DAY + 1, closed)}


def test_a_mark_of_the_first_release_moves_no_feed() -> None:
    data = b'{"day":"2011-01-26"}'
    records = [
        ControlRecord(0, "crm.log.created.v1", 0, codec.encode(LOG), b""),
        ControlRecord(1, "crm.day.opened.v1", 0, data, b""),
    ]

    head = replay(records)

    assert head is not None
    assert (head.open_day, head.feeds) == (DAY, {})
