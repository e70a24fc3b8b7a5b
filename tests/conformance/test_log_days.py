"""Contract of `EventLog`: how days are opened, and what is history (decisions 2, 5 and 15)."""

import pytest

from events.control import ClockMode
from infra.log.holds import ImportUnderWayError
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, LOG, order, registered
from tests.support.marks import control_words, opened_days, partition_words
from tests.support.world import CREATED, awaited


@awaited
async def test_the_first_facts_day_is_day_zero_and_opened_before_it(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])

        assert await partition_words(log) == ["live", f"day {DAY}", f"order anna {DAY}"]
        assert log.head is not None
        assert (log.head.first_day, log.head.open_day) == (DAY, DAY)


@awaited
async def test_a_day_is_opened_before_its_first_fact_and_none_is_skipped(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY), order("bert", DAY), order("anna", DAY + 3)])

        assert await partition_words(log) == [
            "live",
            f"day {DAY}",
            f"order anna {DAY}",
            f"order bert {DAY}",
            f"day {DAY + 1}",
            f"day {DAY + 2}",
            f"day {DAY + 3}",
            f"order anna {DAY + 3}",
        ]


@awaited
async def test_a_late_fact_opens_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY + 1)])
        await log.append([order("bert", DAY), registered("bert", DAY - 4_000)])

        assert opened_days(await partition_words(log)) == [DAY + 1]
        assert log.head is not None
        assert log.head.first_day == DAY + 1


@awaited
async def test_a_duplicate_opens_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        await log.append([order("anna", DAY)])

        assert opened_days(await partition_words(log)) == [DAY]


@awaited
async def test_every_opening_stands_in_control_too(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY), order("anna", DAY + 12)])
        await log.advance(DAY + 30)

        partition, control = await partition_words(log), await control_words(log)
        assert opened_days(control) == opened_days(partition) == list(range(DAY, DAY + 31))
        emissions = [word for word in partition if word in {"live", "history"}]
        assert [word for word in control if word in {"live", "history"}] == emissions


@awaited
async def test_advancing_opens_every_day_once(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)
        await log.advance(DAY + 2)
        await log.advance(DAY + 2)
        await log.advance(DAY + 1)

        assert await partition_words(log) == [
            "live",
            f"day {DAY}",
            f"day {DAY + 1}",
            f"day {DAY + 2}",
        ]


@awaited
async def test_seven_days_at_once_are_still_lived_through(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)
        await log.advance(DAY + 7)

        assert "history" not in await partition_words(log)


@awaited
async def test_more_than_seven_days_at_once_are_history_and_then_live(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)
        await log.advance(DAY + 8)

        days = [f"day {day}" for day in range(DAY + 1, DAY + 9)]
        assert await partition_words(log) == ["live", f"day {DAY}", "history", *days, "live"]


@awaited
async def test_a_fact_that_catches_up_more_than_seven_days_makes_them_history(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        await log.append([order("anna", DAY + 8)])

        days = [f"day {day}" for day in range(DAY + 1, DAY + 9)]
        assert (await partition_words(log))[3:] == [
            "history",
            *days,
            "live",
            f"order anna {DAY + 8}",
        ]


@awaited
async def test_the_first_day_ever_opened_is_never_history(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)

        assert await partition_words(log) == ["live", f"day {DAY}"]


@pytest.mark.parametrize("mode", list(ClockMode))
@awaited
async def test_a_log_begins_with_who_it_is_and_what_now_means(
    logs: LogBackend, mode: ClockMode
) -> None:
    log = await logs.open()
    try:
        await log.create(LOG, mode)

        assert await control_words(log) == ["LogCreated", f"clock {mode}"]
        assert log.head is not None
        assert (log.head.identity, log.head.clock_mode, log.head.open_day) == (LOG, mode, None)
    finally:
        await log.close()


@awaited
async def test_the_clock_mode_is_written_when_it_changes(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.set_clock_mode(ClockMode.LOG)
        await log.set_clock_mode(ClockMode.WALL)
        await log.set_clock_mode(ClockMode.WALL)

        clocks = [word for word in await control_words(log) if word.startswith("clock")]
        assert clocks == ["clock log", "clock wall"]
        assert log.head is not None
        assert log.head.clock_mode is ClockMode.WALL


@awaited
async def test_the_clock_stands_still_while_an_import_has_the_log(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        await log.begin_import("i1", 10)
        before = await partition_words(log), await control_words(log)

        with pytest.raises(ImportUnderWayError, match="i1"):
            await log.advance(DAY + 1)
        with pytest.raises(ImportUnderWayError, match="i1"):
            await log.set_clock_mode(ClockMode.WALL)
        assert (await partition_words(log), await control_words(log)) == before


@awaited
async def test_a_projection_emits_live_from_its_creation_on(logs: LogBackend) -> None:
    async with opened(logs) as log:
        assert await partition_words(log) == ["live"]
        assert await control_words(log) == ["LogCreated", "clock log", "ProjectionCreated", "live"]
        assert log.head is not None
        assert log.head.projections == {CREATED.projection: CREATED.fingerprint}
