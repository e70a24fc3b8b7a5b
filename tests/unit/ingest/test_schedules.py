"""Declaring what a source sends: what is refused, in words that say what to do, and what is kept."""

import asyncio

import httpx
import pytest

from events.control import ClockMode, SourceScheduled
from infra.log.feeds import Feed
from infra.log.memory import MemoryLog
from services.ingest.admin import SOURCES_PATH
from services.ingest.schedules import ScheduleRefusedError, declare, schedule_of
from tests.unit.ingest.door_given import opened_log
from tests.unit.ingest.test_admin_commands import WALL, Asking, asked, log_of


def test_a_schedule_names_each_service_once_and_in_order() -> None:
    scheduled = schedule_of("probe", ["voice", "data", "voice"], 2)

    assert scheduled == SourceScheduled("probe", ("data", "voice"), 2)


@pytest.mark.parametrize("delay", [0, 7])
def test_a_feed_may_be_up_to_a_week_late(delay: int) -> None:
    assert schedule_of("probe", ["data"], delay).delay_days == delay


@pytest.mark.parametrize("delay", [-1, 8, 400])
def test_another_delay_is_refused(delay: int) -> None:
    with pytest.raises(
        ScheduleRefusedError, match=f"{delay}: a day's feed may be 0 to 7 days late"
    ):
        schedule_of("probe", ["data"], delay)


@pytest.mark.parametrize("service", ["", "Mobile Data", "-data", "s" * 25, "data\n", "数据"])
def test_a_bad_code_of_a_service_is_refused(service: str) -> None:
    with pytest.raises(ScheduleRefusedError, match="a service has a code of 1 to 24"):
        schedule_of("probe", ["voice", service], 0)


@pytest.mark.parametrize("source", ["", "a\x00b", "p" * 129])
def test_a_bad_name_of_a_source_is_refused(source: str) -> None:
    with pytest.raises(ScheduleRefusedError, match="a source has a name of 1 to 128"):
        schedule_of(source, ["data"], 0)


def declared(*schedules: SourceScheduled) -> MemoryLog:
    """A log with these schedules, one after the other."""

    async def run() -> MemoryLog:
        log = await opened_log(WALL, ClockMode.LOG)
        for scheduled in schedules:
            await declare(log, scheduled)
        return log

    return asyncio.run(run())


def test_what_is_declared_is_kept() -> None:
    log = declared(SourceScheduled("probe", ("data",), 1))

    assert log.head is not None
    assert {service: feed.source for service, feed in log.head.feeds.items()} == {"data": "probe"}


def test_a_service_of_another_source_is_refused_with_a_way_on() -> None:
    with pytest.raises(ScheduleRefusedError, match="holdfast source unschedule probe"):
        declared(SourceScheduled("probe", ("data",), 1), SourceScheduled("switch", ("data",), 0))


def test_a_schedule_is_taken_back() -> None:
    log = declared(SourceScheduled("probe", ("data",), 1), SourceScheduled("probe", (), 0))

    assert log.head is not None
    assert log.head.feeds == {}


def test_where_there_is_no_schedule_none_can_be_taken_back() -> None:
    with pytest.raises(ScheduleRefusedError, match="source probe has no schedule to take back"):
        declared(SourceScheduled("probe", (), 0))


def after_order(body: str) -> tuple[httpx.Response, dict[str, Feed]]:
    """The answer of a serving process to an order, and the feeds of its log then."""

    async def run() -> tuple[httpx.Response, dict[str, Feed]]:
        log = await log_of()
        answer = await asked(log, Asking(path=SOURCES_PATH, body=body))
        return answer, log.head.feeds if log.head else {}

    return asyncio.run(run())


def test_a_serving_process_takes_a_schedule() -> None:
    answer, feeds = after_order('{"source":"probe","services":["data"],"delay_days":1}')

    assert answer.status_code == 200
    assert answer.json() == {"source": "probe", "services": ["data"], "delay_days": 1}
    assert [(feed.source, feed.delay_days) for feed in feeds.values()] == [("probe", 1)]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ('{"source":"probe","services":["data"],"delay_days":9}', 409, "0 to 7 days late"),
        ('{"source":"probe","services":["A B"]}', 409, "a service has a code"),
        ('{"source":"probe","services":[]}', 409, "no schedule to take back"),
        ('{"source":"probe"}', 400, "missing required field"),
        ('{"source":"probe","services":["data"],"delay":1}', 400, "unknown field"),
    ],
)
def test_a_serving_process_refuses_a_bad_one(body: str, status: int, detail: str) -> None:
    answer, feeds = after_order(body)

    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert feeds == {}
