"""Counts are kept in memory, flushed together, and survive a log that cannot write."""

import asyncio

import pytest

from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from services.ingest.tallies import ACCEPTED, DUPLICATE, Tallies
from tests.unit.ingest.door_given import StandingClock


class FlakyLog(MemoryLog):
    """A log that cannot count for as long as it is told so, and says how often it was asked."""

    broken = False
    asked = 0

    async def count(self, tallies: dict[tuple[str, str], int]) -> None:
        self.asked += 1
        if self.broken:
            raise LogUnavailableError("disk full")
        await super().count(tallies)


def flaky_log() -> FlakyLog:
    return FlakyLog(1, StandingClock("2026-03-14T12:00:00+00:00"))


def test_counts_reach_the_log_in_one_go() -> None:
    log = flaky_log()
    tallies = Tallies(log)
    for what in (ACCEPTED, ACCEPTED, DUPLICATE):
        tallies.add("shop", what)

    asyncio.run(tallies.flush())

    assert log.tallies == {("shop", "accepted"): 2, ("shop", "duplicate"): 1}
    assert log.asked == 1


def test_what_was_flushed_is_not_counted_again() -> None:
    log = flaky_log()
    tallies = Tallies(log)
    tallies.add("shop", ACCEPTED)

    asyncio.run(tallies.flush())
    asyncio.run(tallies.flush())

    assert log.tallies == {("shop", "accepted"): 1}


def test_nothing_to_count_asks_nothing_of_the_log() -> None:
    log = flaky_log()

    asyncio.run(Tallies(log).flush())

    assert log.asked == 0


def test_counts_that_the_log_could_not_take_are_kept_for_the_next_time() -> None:
    log = flaky_log()
    tallies = Tallies(log)
    tallies.add("shop", ACCEPTED)
    log.broken = True

    with pytest.raises(LogUnavailableError):
        asyncio.run(tallies.flush())
    tallies.add("shop", ACCEPTED)
    log.broken = False
    asyncio.run(tallies.flush())

    assert log.tallies == {("shop", "accepted"): 2}
