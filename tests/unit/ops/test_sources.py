"""The list of scheduled sources: what they send, how late they may be, whether the last day came."""

import datetime

import msgspec

from events.calendar import date_of
from events.control import SourceScheduled
from events.marks import DayOpened, FeedDay, FeedVerdict
from infra.log.head import LogHead, evolve
from infra.messages.catalogue import Catalogue
from infra.messages.language import Language
from services.ops.rendering.sources import render_sources
from services.ops.sources import ScheduledFeed, scheduled_feeds
from tests.support.given import DAY, LOG
from tests.unit.ops.screens import screen

PROBE = SourceScheduled("probe", ("data", "sms"), 1)
ARRIVED = ScheduledFeed("probe", "data", 1, datetime.date(2011, 1, 25), FeedVerdict.ARRIVED)
LATE = ScheduledFeed("probe", "sms", 1, datetime.date(2011, 1, 25), FeedVerdict.LATE)
UNKNOWN = ScheduledFeed("switch", "voice", 0, None, None)


def head_after(*events: SourceScheduled | DayOpened) -> LogHead:
    head = LogHead(LOG)
    for event in events:
        head = evolve(head, event)
    return head


def test_without_a_schedule_there_is_nothing_to_list() -> None:
    assert scheduled_feeds(head_after()) == ()
    assert "No source has a schedule." in screen(render_sources((), Catalogue()))


def test_every_service_is_listed_with_the_day_that_closed_last() -> None:
    opened = DayOpened(
        date_of(DAY + 1),
        (
            FeedDay("data", date_of(DAY - 1), FeedVerdict.ARRIVED),
            FeedDay("sms", date_of(DAY - 1), FeedVerdict.LATE),
        ),
    )
    head = head_after(SourceScheduled("switch", ("voice",), 0), PROBE, opened)

    assert scheduled_feeds(head) == (ARRIVED, LATE, UNKNOWN)


def test_a_day_that_is_not_judged_is_none_that_closed() -> None:
    unjudged = FeedDay("data", date_of(DAY - 1), FeedVerdict.UNJUDGED)
    head = head_after(PROBE, DayOpened(date_of(DAY + 1), (unjudged,)))

    assert [feed.closed for feed in scheduled_feeds(head)] == [None, None]


def test_a_late_feed_is_said_to_be_missing() -> None:
    text = screen(render_sources((ARRIVED, LATE, UNKNOWN), Catalogue()))

    lines = {
        line.split()[1]: line for line in text.splitlines() if line.startswith(("probe", "swi"))
    }
    assert "arrived" in lines["data"]
    assert "2011-01-25" in lines["data"]
    assert "late, so the day is missing" in lines["sms"]
    assert "none yet" in lines["voice"]


def test_it_is_said_in_chinese() -> None:
    text = screen(render_sources((LATE,), Catalogue(Language.CHINESE)))

    assert "迟到，当日缺失" in text


def test_a_program_reads_it_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode((LATE, UNKNOWN))) == [
        {
            "source": "probe",
            "service": "sms",
            "delay_days": 1,
            "closed": "2011-01-25",
            "verdict": "late",
        },
        {"source": "switch", "service": "voice", "delay_days": 0, "closed": None, "verdict": None},
    ]
