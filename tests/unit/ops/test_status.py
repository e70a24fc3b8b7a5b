"""Where a folder stands, in figures and on the screen, with what is wrong first."""

import datetime
import os
from pathlib import Path

import msgspec
import pytest

from domain.customer.fold import CustomerFold, Step
from domain.customer.state import CustomerState
from events.control import ClockMode
from events.orders import OrderReturned
from events.values import CustomerId
from infra.folder import DataFolder, FolderLock, LockHolder
from infra.log.records import DeadLetter
from infra.log.sqlite import SqliteLog
from services.ops.cards import CardView, card_at, card_now
from services.ops.rendering.status import render_status
from services.ops.status import Holder, SourceTally, Status, status
from tests.unit.ops.folders import (
    IDENTITY,
    PROJECTION,
    WRITTEN,
    fold_all,
    id_of,
    moment,
    order,
    read,
    regular,
    returned,
    written,
)
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, words

UTC = datetime.UTC


class StubbornFold(CustomerFold):
    """A fold that cannot take returns."""

    def fact(
        self,
        customer_id: CustomerId,
        state: CustomerState | None,
        event: msgspec.Struct,
        day: int,
        today: int,
    ) -> Step:
        match event:
            case OrderReturned():
                raise RuntimeError("no \x1b[31mreturns")
        return super().fact(customer_id, state, event, day, today)


def status_of(folder: DataFolder, wall: int = WRITTEN) -> Status:
    return read(folder, lambda reading: status(reading, folder, wall))


def said_of(folder: DataFolder, wall: int = WRITTEN) -> str:
    return words(render_status(status_of(folder, wall), ENGLISH, LONDON_CLOCKS), 120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    async def counts(log: SqliteLog) -> None:
        await log.count(
            {
                ("shop", "accepted"): 12_345,
                ("shop", "duplicate"): 3,
                ("shop", "late"): 2,
                ("shop", "invalid"): 4,
                ("shop", "future"): 1,
                ("", "malformed"): 7,
            }
        )
        await log.bury(
            [
                DeadLetter("a", "shop", "invalid", "d", "p", "m", WRITTEN, b"1"),
                DeadLetter("b", "shop", "invalid", "d", "p", "m", WRITTEN, b"2"),
                DeadLetter("c", "", "malformed", "d", "p", "m", WRITTEN, b"3"),
            ]
        )

    path = tmp_path_factory.mktemp("status")
    return written(path, [*regular("A"), order("B", 150)], 160, counts)


def test_the_log_says_what_it_is(folder: DataFolder) -> None:
    log = status_of(folder).log

    assert log.log_id == IDENTITY.log_id
    assert (log.business_timezone, log.currency) == ("Europe/London", "GBP")
    assert log.clock_mode is ClockMode.LOG


def test_the_now_of_a_standing_clock_is_the_end_of_the_open_day(folder: DataFolder) -> None:
    log = status_of(folder).log

    assert log.now == datetime.datetime(2011, 6, 12, 22, 59, 59, 999_999, tzinfo=UTC)
    assert log.days.unopened == 0


def test_days_facts_and_customers_are_counted(folder: DataFolder) -> None:
    log = status_of(folder).log

    assert log.days.first_day == datetime.date(2011, 1, 3)
    assert log.days.open_day == datetime.date(2011, 6, 12)
    assert log.days.days_opened == 161
    assert (log.facts, log.customers) == (12, 2)
    assert log.written == datetime.datetime(2024, 5, 6, 7, 8, tzinfo=UTC)


def test_the_projection_says_where_it_stands(folder: DataFolder) -> None:
    view = status_of(folder)

    assert view.projection is not None
    assert view.projection.name == PROJECTION
    assert view.projection.offset == view.log.facts + view.log.marks - 1
    assert (view.projection.records_behind, view.projection.days_behind) == (0, 0)
    assert (view.projection.customers, view.projection.standing_signals) == (2, 1)
    assert view.projection.emission == "live"
    assert view.projection.quarantined == ()


def test_each_source_is_accounted_for(folder: DataFolder) -> None:
    assert status_of(folder).sources == (
        SourceTally("", 0, 0, 0, {"malformed": 7}),
        SourceTally("shop", 12_345, 3, 2, {"future": 1, "invalid": 4}),
    )


def test_dead_letters_are_counted_by_reason(folder: DataFolder) -> None:
    assert status_of(folder).dead_letters == {"invalid": 2, "malformed": 1}


def test_the_screen_says_all_of_it(folder: DataFolder) -> None:
    said = said_of(folder)

    assert said.startswith("Nothing is behind, nothing is held up.")
    assert "Now 2011-06-12 23:59, stands at the end of the open day" in said
    assert "Days 161 opened, 2011-01-03 to 2011-06-12" in said
    assert "shop 12,345 3 2 future 1, invalid 4" in said
    assert "not readable 0 0 0 malformed 7" in said
    assert "Held by nobody" in said


def test_the_screen_speaks_chinese(folder: DataFolder) -> None:
    said = words(render_status(status_of(folder), CHINESE, LONDON_CLOCKS), 120)

    assert said.startswith("一切正常，没有积压或阻塞。")
    assert "已开启 161 天，2011年1月3日 至 2011年6月12日" in said


def test_a_status_is_written_as_json_that_reads_back(folder: DataFolder) -> None:
    view = status_of(folder)

    assert msgspec.json.decode(msgspec.json.encode(view), type=Status) == view


def test_whoever_holds_the_folder_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)])

    with FolderLock(folder) as lock:
        working = said_of(folder)
        lock.announce("http://127.0.0.1:8080")
        serving = said_of(folder)

    assert "Held by process" in working
    assert "serving at http://127.0.0.1:8080" in serving
    assert status_of(folder).holder is None


def test_profiles_that_stand_still_are_the_first_alarm_and_the_reason_does_not_act(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path, [order("A", 0)])

    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:8080", "offset 7: \x1b[31mno such type")
        said = said_of(folder)

    assert said.startswith(r"! The profiles stand still: offset 7: \x1b[31mno such type.")
    assert "\x1b" not in said


def test_the_token_of_whoever_serves_is_not_told(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)])

    with FolderLock(folder) as lock:
        lock.announce("http://127.0.0.1:8080")
        view = status_of(folder)

    assert view.holder == Holder(os.getpid(), "http://127.0.0.1:8080")
    assert lock.token not in msgspec.json.encode(view).decode()


class OtherUsersFolder(DataFolder):
    """A folder whose lock another user made."""

    def holder(self) -> LockHolder | None:
        raise PermissionError("holdfast.lock")


def test_who_holds_the_folder_of_another_user_is_not_known(tmp_path: Path) -> None:
    folder = OtherUsersFolder(written(tmp_path, [order("A", 0)]).path)

    assert status_of(folder).holder == Holder(None)
    assert "Held by nobody, or another user's process" in said_of(folder)


def test_an_empty_log_has_a_status(tmp_path: Path) -> None:
    folder = written(tmp_path, [], fold=False)

    view = status_of(folder)

    assert view.projection is None
    assert (view.log.facts, view.log.customers, view.log.now) == (0, 0, None)
    assert "No projection was folded here yet" in said_of(folder)


def test_a_projection_behind_the_log_is_an_alarm(tmp_path: Path) -> None:
    written(tmp_path, [order("A", 0)])
    folder = written(tmp_path, [order("A", 1), order("A", 2)], fold=False)

    view = status_of(folder)

    assert view.projection is not None
    assert (view.projection.records_behind, view.projection.days_behind) == (4, 2)
    assert said_of(folder).startswith("! The projection is 4 records behind the log.")


def test_days_that_the_calendar_has_and_the_log_has_not_are_an_alarm(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)], mode=ClockMode.WALL)

    assert status_of(folder, moment(0)).log.days.unopened == 0
    assert status_of(folder, moment(3)).log.days.unopened == 3
    assert said_of(folder, moment(3)).startswith("! 3 days are not opened yet")


def test_an_import_under_way_is_an_alarm(tmp_path: Path) -> None:
    async def begin(log: SqliteLog) -> None:
        await log.begin_import("import-7", 1000)

    folder = written(tmp_path, [order("A", 0)], work=begin)
    view = status_of(folder)

    assert view.import_under_way is not None
    assert (view.import_under_way.import_id, view.import_under_way.facts) == ("import-7", 1000)
    assert "! Import import-7 is under way, the door is shut" in said_of(folder)


def test_a_finished_import_is_no_alarm(tmp_path: Path) -> None:
    async def begin_and_end(log: SqliteLog) -> None:
        await log.begin_import("import-7", 1000)
        await log.end_import("import-7", finished=True)

    folder = written(tmp_path, [order("A", 0)], work=begin_and_end)

    assert status_of(folder).import_under_way is None


@pytest.fixture(scope="module")
def with_quarantine(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A's return of day 40 could not be folded; B's facts could."""
    path = tmp_path_factory.mktemp("quarantine")
    facts = [*regular("A"), returned("A", 40, 5), *regular("B", until=90)]

    async def fold(log: SqliteLog) -> None:
        await fold_all(DataFolder(path), log, StubbornFold("GBP"))

    return written(path, facts, 120, fold, fold=False)


def test_a_customer_in_quarantine_is_listed_with_the_reason(with_quarantine: DataFolder) -> None:
    view = status_of(with_quarantine)

    assert view.projection is not None
    (held,) = view.projection.quarantined
    assert held.customer_id == id_of("A")
    assert held.error == "RuntimeError: no \x1b[31mreturns"


def test_a_quarantine_is_an_alarm_and_its_reason_does_not_act(with_quarantine: DataFolder) -> None:
    said = said_of(with_quarantine)

    assert said.startswith("! 1 customer is in quarantine: its newer facts are not folded.")
    assert r"RuntimeError: no \x1b[31mreturns" in said
    assert "\x1b" not in said


def test_the_card_of_a_customer_in_quarantine_stops_where_its_fold_failed(
    with_quarantine: DataFolder,
) -> None:
    now = read(with_quarantine, lambda reading: card_now(reading, id_of("A")))
    past = read(with_quarantine, lambda reading: card_at(reading, id_of("A"), moment(120)))

    assert isinstance(now, CardView)
    assert isinstance(past, CardView)
    assert now.card.purchases.orders == past.card.purchases.orders == 5
    assert now.quarantined == past.quarantined == "RuntimeError: no \x1b[31mreturns"
    assert now.card == past.card


def test_before_its_fold_failed_a_past_card_is_whole(with_quarantine: DataFolder) -> None:
    past = read(with_quarantine, lambda reading: card_at(reading, id_of("A"), moment(39)))

    assert isinstance(past, CardView)
    assert past.quarantined is None
    assert past.card.purchases.orders == 4
