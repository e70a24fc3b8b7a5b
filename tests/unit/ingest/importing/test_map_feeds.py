"""A map may declare what sources send every day: before the first fact of its import, and only once."""

import asyncio
import datetime
from pathlib import Path

import pytest

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import SourceScheduled
from events.marks import DayOpened
from infra.log.memory import MemoryLog
from services.ingest.importing.map_file import MapError, map_digest
from services.ingest.importing.refusals import ImportRefusedError, TooLateError
from tests.unit.ingest.importing.import_given import (
    USAGE_MAP,
    imported,
    london_log,
    map_of,
    request,
    write,
)

LOG = "log: {timezone: Europe/London, currency: GBP}\n"
FEEDS = LOG.replace("GBP}", "GBP, sources: {network: {services: [mobile-data], delay: 1}}}")
PLAIN, WITH_FEEDS = LOG + USAGE_MAP, FEEDS + USAGE_MAP


def network_file(folder: Path, *days: str) -> Path:
    rows = "".join(f"{number},2.5,{day} 09:00:00,C1\n" for number, day in enumerate(days))
    return write(folder, "use.csv", "Id,Volume,At,Customer\n" + rows)


def with_times(text: str) -> str:
    """The map, of a file whose times are those of London."""
    column = "At: {type: time, format: '%Y-%m-%d %H:%M:%S', timezone: Europe/London}"
    return text.replace("At: time", column)


def feeds_of(log: MemoryLog) -> dict[str, tuple[str, int]]:
    """(source, delay) by service."""
    assert log.head is not None
    return {name: (feed.source, feed.delay_days) for name, feed in log.head.feeds.items()}


def verdicts(log: MemoryLog) -> list[str]:
    """What the marks say of the feed's days: day of March and verdict."""
    marks = [record for record in log.storage.facts[0] if record.customer_id is None]
    opened = [REGISTRY.decode(mark.type, mark.data) for mark in marks]
    first = day_number(next(each.day for each in opened if isinstance(each, DayOpened)))
    return [
        f"{day_number(feed.day) - first} {feed.verdict}"
        for each in opened
        if isinstance(each, DayOpened)
        for feed in each.feeds
    ]


def test_a_map_without_feeds_declares_none(tmp_path: Path) -> None:
    log = london_log()

    imported(log, request(tmp_path, [network_file(tmp_path, "2026-03-02")], with_times(PLAIN)))

    assert feeds_of(log) == {}


def test_a_feed_is_declared_before_the_first_fact(tmp_path: Path) -> None:
    log, days = london_log(), ("2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06", "2026-03-07")

    imported(log, request(tmp_path, [network_file(tmp_path, *days)], with_times(WITH_FEEDS)))

    assert feeds_of(log) == {"mobile-data": ("network", 1)}
    assert verdicts(log) == [
        "-2 unjudged",
        "-1 unjudged",
        "0 arrived",
        "1 arrived",
        "2 late",
        "3 arrived",
    ]


def test_an_import_that_is_refused_declares_nothing(tmp_path: Path) -> None:
    log = london_log()
    asyncio.run(log.advance(day_number(datetime.date(2026, 3, 14))))

    with pytest.raises(TooLateError):
        imported(
            log, request(tmp_path, [network_file(tmp_path, "2025-03-02")], with_times(WITH_FEEDS))
        )

    assert feeds_of(log) == {}


def test_a_service_that_another_source_sends_is_refused(tmp_path: Path) -> None:
    log = london_log()
    asyncio.run(log.schedule(SourceScheduled("probe", ("mobile-data",), 0)))

    with pytest.raises(ImportRefusedError, match=r"log\.sources: source probe has declared"):
        imported(
            log, request(tmp_path, [network_file(tmp_path, "2026-03-02")], with_times(WITH_FEEDS))
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{network: {services: [], delay: 1}}", "services"),
        ("{network: {services: [Data], delay: 1}}", "services"),
        ("{network: {services: [data], delay: 8}}", "delay"),
        ("{network: {services: [data], days: 1}}", "days"),
    ],
)
def test_a_bad_feed_is_refused_with_its_place(tmp_path: Path, wrong: str, said: str) -> None:
    text = LOG.replace("GBP}", f"GBP, sources: {wrong}}}") + USAGE_MAP

    with pytest.raises(MapError, match=said):
        map_of(tmp_path, text)


def test_a_map_without_feeds_has_the_id_that_it_had_before_there_were_any(tmp_path: Path) -> None:
    parsed = map_of(tmp_path, PLAIN)

    assert "sources" not in parsed.model_dump_json()
    assert map_digest(map_of(tmp_path, WITH_FEEDS)) != map_digest(parsed)
