"""Counts are kept in memory, flushed together, and survive a log that cannot write."""

import asyncio

import pytest

from infra.log.memory import MemoryLog
from infra.log.port import LogUnavailableError
from services.ingest.tallies import ACCEPTED, DUPLICATE, SOURCES_NAMED, UNNAMED_SOURCE, Tallies
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


def counted(*added: tuple[str, str]) -> dict[tuple[str, str], int]:
    """What stands in the log after these (source, what) were counted."""
    log = flaky_log()
    tallies = Tallies(log)
    for source, what in added:
        tallies.add(source, what)
    asyncio.run(tallies.flush())
    return dict(log.tallies)


def test_a_refusal_counts_under_the_source_that_it_names() -> None:
    assert counted(("shop", "invalid"), ("shop", "invalid")) == {("shop", "invalid"): 2}


@pytest.mark.parametrize(
    "source",
    ["", "x" * 129, "x" * 900_000, "\x1b[31mred", "two\nlines", "end\n", "nul\x00", "del\x7f"],
)
def test_a_refusal_whose_source_no_fact_could_have_counts_as_unnamed(source: str) -> None:
    assert counted((source, "missing")) == {(UNNAMED_SOURCE, "missing"): 1}


def test_made_up_sources_are_named_up_to_a_limit_and_then_counted_together() -> None:
    found = counted(*((f"made-up-{number}", "invalid") for number in range(SOURCES_NAMED + 250)))

    assert len(found) == SOURCES_NAMED + 1
    assert found[f"made-up-{SOURCES_NAMED - 1}", "invalid"] == 1
    assert found[UNNAMED_SOURCE, "invalid"] == 250


def test_a_named_source_stays_named_beyond_the_limit() -> None:
    made_up = [(f"made-up-{number}", "invalid") for number in range(SOURCES_NAMED + 1)]

    assert counted(*made_up, ("made-up-0", "future"))["made-up-0", "future"] == 1


def test_a_source_whose_events_stand_is_named_whatever_others_make_up() -> None:
    made_up = [(f"made-up-{number}", "invalid") for number in range(SOURCES_NAMED)]

    found = counted(("shop", ACCEPTED), *made_up, ("shop", "invalid"))

    assert found["shop", "invalid"] == 1
    assert (UNNAMED_SOURCE, "invalid") not in found
