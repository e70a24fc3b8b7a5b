"""Contract of `EventLog`: schedules of sources, and what a day mark says of their feeds (decision 12)."""

import pytest

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import SourceScheduled
from events.marks import DayOpened
from infra.log.feeds import Feed, ServiceTakenError
from infra.log.holds import ImportUnderWayError
from infra.log.port import EventLog
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, order, usage
from tests.support.marks import control_words
from tests.support.world import awaited

SHOP = SourceScheduled("shop", ("data",), 0)


async def feed_words(log: EventLog) -> list[str]:
    """What the day marks of the partition say of feeds: ``+2: data 1 arrived``, days from `DAY`."""
    found: list[str] = []
    for record in await log.read_facts(0, -1, 10_000):
        event = REGISTRY.decode(record.type, record.data) if record.customer_id is None else None
        if isinstance(event, DayOpened):
            found += [
                f"+{day_number(event.day) - DAY}: {feed.service} {day_number(feed.day) - DAY}"
                f" {feed.verdict}"
                for feed in event.feeds
            ]
    return found


@awaited
async def test_without_a_schedule_a_mark_speaks_of_no_feed(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([usage("anna", DAY, "data", 1.0), usage("anna", DAY + 3, "data", 1.0)])

        assert await feed_words(log) == []


@awaited
async def test_a_schedule_is_kept_in_control_once(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await control_words(log)
        await log.schedule(SHOP)
        await log.schedule(SHOP)

        assert await control_words(log) == [*before, "SourceScheduled"]
        assert log.head is not None
        assert log.head.feeds == {"data": Feed("shop", 0)}


@awaited
async def test_a_mark_says_of_the_day_before_whether_its_feed_came(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([usage("anna", DAY, "data", 1.0), usage("anna", DAY + 1, "data", 1.0)])
        await log.advance(DAY + 3)

        assert await feed_words(log) == [
            "+0: data -1 unjudged",
            "+1: data 0 arrived",
            "+2: data 1 arrived",
            "+3: data 2 late",
        ]


@awaited
async def test_a_mark_of_control_says_the_same(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.advance(DAY + 1)
        marks = [record for record in await log.read_facts(0, -1, 99) if record.customer_id is None]
        days = [r.data for r in await log.control_records() if r.type == "crm.day.opened.v2"]

        assert [mark.data for mark in marks if mark.type == "crm.day.opened.v2"] == days


@awaited
async def test_a_day_waits_for_its_feed_as_long_as_was_declared(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SourceScheduled("shop", ("data",), 2))
        await log.append([order("bert", DAY), order("bert", DAY + 1), order("bert", DAY + 2)])
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.advance(DAY + 4)

        assert await feed_words(log) == [
            "+0: data -3 unjudged",
            "+1: data -2 unjudged",
            "+2: data -1 unjudged",
            "+3: data 0 arrived",
            "+4: data 1 late",
        ]


@awaited
async def test_what_comes_behind_the_closing_stays_late(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([order("bert", DAY)])
        await log.advance(DAY + 1)
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.advance(DAY + 2)

        assert (await feed_words(log))[1:] == ["+1: data 0 late", "+2: data 1 late"]


@pytest.mark.parametrize(
    "other",
    [usage("anna", DAY, "voice", 1.0), order("anna", DAY)],
    ids=["another service", "another fact"],
)
@awaited
async def test_only_a_record_of_the_service_shows_that_its_feed_came(
    logs: LogBackend, other: object
) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([other])  # type: ignore[list-item]  # both are facts
        await log.advance(DAY + 1)

        assert (await feed_words(log))[1:] == ["+1: data 0 late"]


@awaited
async def test_a_record_of_another_source_does_not_show_it(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SourceScheduled("probe", ("data",), 0))
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.advance(DAY + 1)

        assert (await feed_words(log))[1:] == ["+1: data 0 late"]


@awaited
async def test_what_came_is_known_after_the_log_was_opened_again(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.close()

    again = await logs.open()
    await again.advance(DAY + 2)
    assert (await feed_words(again))[1:] == ["+1: data 0 arrived", "+2: data 1 late"]
    await again.close()


@awaited
async def test_a_schedule_on_an_open_day_judges_from_the_next_one_on(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("bert", DAY)])
        await log.schedule(SHOP)
        await log.append([usage("anna", DAY, "data", 1.0), usage("anna", DAY + 1, "data", 1.0)])
        await log.advance(DAY + 2)

        assert await feed_words(log) == ["+1: data 0 unjudged", "+2: data 1 arrived"]


@awaited
async def test_a_schedule_that_is_taken_back_closes_nothing_any_more(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.append([usage("anna", DAY, "data", 1.0)])
        await log.schedule(SourceScheduled("shop", (), 0))
        await log.advance(DAY + 1)

        assert await feed_words(log) == ["+0: data -1 unjudged"]
        assert log.head is not None
        assert log.head.feeds == {}


@awaited
async def test_a_service_of_another_source_is_refused_and_nothing_is_written(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        before = await control_words(log)

        with pytest.raises(ServiceTakenError, match="shop has declared data already"):
            await log.schedule(SourceScheduled("probe", ("sms", "data"), 0))

        assert await control_words(log) == before


@awaited
async def test_an_import_is_not_disturbed_by_a_schedule(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)

        with pytest.raises(ImportUnderWayError, match="i1"):
            await log.schedule(SHOP)


@awaited
async def test_an_import_opens_its_days_with_what_it_brought(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.schedule(SHOP)
        await log.begin_import("i1", 3)
        days = (DAY, DAY + 1, DAY + 3)
        await log.append([usage("anna", day, "data", 1.0) for day in days], "i1", 3)
        await log.end_import("i1", finished=True)

        assert (await feed_words(log))[1:] == [
            "+1: data 0 arrived",
            "+2: data 1 arrived",
            "+3: data 2 late",
        ]
