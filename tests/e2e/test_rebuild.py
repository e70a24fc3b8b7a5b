"""A log is folded anew beside what stands, and takes over: as an operator sees it."""

import asyncio
import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from domain.customer.fingerprint import fingerprint
from domain.detection import silence
from domain.learning import admission
from events.catalogue import SIGNALS
from events.control import ClockMode
from events.marks import Emission
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.records import OutputRecord
from infra.sqlite.connection import StoreError
from infra.stream import fold_release
from infra.stream.fold_release import OtherReleaseError
from services.embedded import Engine, open_engine
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.ops.flagged import FlaggedList, flagged
from services.ops.reading import open_reading
from services.ops.verify.report import Report
from services.ops.verify.run import verify
from services.profiles.comparison import Comparison
from services.rebuilding import rebuild
from services.steps import Step
from tests.support.given import DAY, LOG, order
from tests.support.world import StoppedClock

QUIET_FROM = DAY + 40
ORDERS = [order("anna", DAY + day) for day in range(0, 41, 10)]
OTHERS = [order("bert", DAY + day) for day in range(0, 120, 10)]
NEW_LOG = NewLog("UTC", "GBP", LOG.namespace, ClockMode.LOG)
WALL = StoppedClock()


def silent(_: Step) -> None:
    """Report to nobody."""


async def filled(engine: Engine) -> None:
    """Anna orders every ten days and stops; Bert goes on."""
    for fact in sorted([*ORDERS, *OTHERS], key=lambda entry: entry.time):
        await engine.log.append([fact])
    await engine.profiles.catch_up()


def in_engine(folder: DataFolder, work: Callable[[Engine], object]) -> None:
    async def run() -> None:
        async with open_engine(folder, NEW_LOG, WALL) as engine:
            await work(engine)  # type: ignore[misc]  # every work here is a coroutine function

    asyncio.run(run())


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    in_engine(made, filled)
    return made


def rebuilt(folder: DataFolder) -> Comparison:
    found = asyncio.run(rebuild(folder, IngestSettings(), WALL, silent))
    assert found is not None
    return found


def verified(folder: DataFolder) -> Report:
    report = asyncio.run(verify(folder, lambda _stage, _done, _total: None))
    assert report.differences == ()
    return report


def signals(folder: DataFolder, projection: str) -> list[OutputRecord]:
    async def read() -> list[OutputRecord]:
        archive = SqliteArchive(folder.log)
        try:
            return [
                record
                for record in await archive.newest_outputs(SIGNALS, 1_000, None)
                if record.projection == projection
            ]
        finally:
            await archive.close()

    return asyncio.run(read())


def number_flagged(folder: DataFolder) -> int:
    async def read() -> int:
        async with open_reading(folder) as reading:
            listed = await flagged(reading, 10)
            assert isinstance(listed, FlaggedList)
            return listed.flagged

    return asyncio.run(read())


def another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that speaks up earlier: the fold, and so its fingerprint, is another one."""
    monkeypatch.setattr(silence, "RAISE_ABOVE", 3.5)
    monkeypatch.setattr(fold_release, "fingerprint", partial(fingerprint))  # it is kept by name


def test_a_rebuild_by_the_same_release_gives_the_same_bytes(folder: DataFolder) -> None:
    before = verified(folder)

    found = rebuilt(folder)

    assert (found.customers_before, found.customers_after, found.changed) == (2, 2, 0)
    assert (found.standing_in_both, found.raised_only_before, found.raised_only_after) == (1, 0, 0)
    assert verified(folder).digest == before.digest
    assert verified(folder).projection == found.after


def test_a_rebuild_is_silent_until_it_takes_over_and_then_says_what_stands(
    folder: DataFolder,
) -> None:
    found = rebuilt(folder)

    said = signals(folder, found.after)
    assert [(record.type, record.emission) for record in said] == [
        ("crm.risk.standing.v3", Emission.LIVE.value),
        ("crm.standing.ended.v1", Emission.LIVE.value),
    ]


def test_states_of_another_release_are_refused_to_readers(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_release(monkeypatch)

    with pytest.raises(OtherReleaseError, match="`holdfast rebuild` folds the log anew"):
        number_flagged(folder)
    with pytest.raises(OtherReleaseError):
        verified(folder)


def test_a_rebuild_by_another_release_takes_over_and_is_right(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_release(monkeypatch)

    found = rebuilt(folder)

    assert found.changed is None
    assert verified(folder).projection == found.after
    assert number_flagged(folder) == 1


def test_whatever_opens_a_folder_of_another_release_rebuilds_it(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_release(monkeypatch)

    async def go_on(engine: Engine) -> None:
        assert engine.profiles.rebuild is not None
        await engine.day_clock.advance(datetime.date(2011, 7, 1))
        await engine.profiles.catch_up()
        assert engine.profiles.comparison is not None

    with monkeypatch.context() as later:
        later.setattr(StoppedClock, "now", lambda _: 1_400_000_000_000_000)
        in_engine(folder, go_on)

    assert verified(folder).projection.endswith("-2")


def test_a_rebuild_that_was_broken_off_is_taken_up_under_its_name(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_release(monkeypatch)

    async def fold_a_little(engine: Engine) -> None:
        assert engine.profiles.rebuild is not None
        assert await engine.profiles.runner.advance() > 0

    in_engine(folder, fold_a_little)
    found = rebuilt(folder)

    assert found.after.endswith("-2")
    assert verified(folder).projection == found.after


def test_going_back_to_the_older_release_is_a_rebuild_too(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = verified(folder)
    with monkeypatch.context() as newer:
        another_release(newer)
        rebuilt(folder)

    found = rebuilt(folder)

    assert found.after.endswith("-3")
    assert verified(folder).digest == first.digest


def test_without_the_old_states_there_is_nothing_to_compare_and_it_takes_over(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_release(monkeypatch)
    for file in folder.path.glob("projection-*"):
        file.unlink()

    assert asyncio.run(rebuild(folder, IngestSettings(), WALL, silent)) is None
    assert number_flagged(folder) == 1


def test_an_empty_folder_has_nothing_to_rebuild_from(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing to rebuild from"):
        asyncio.run(rebuild(DataFolder(tmp_path), IngestSettings(), WALL, silent))


def test_another_learner_begins_a_rebuild_and_hinders_no_reader(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = verified(folder)
    monkeypatch.setattr(admission, "MARGIN", 0.04)
    assert number_flagged(folder) == 1, "what was folded stays what it is"

    async def look(engine: Engine) -> None:
        assert engine.profiles.rebuild is not None
        await engine.profiles.catch_up()

    in_engine(folder, look)

    assert verified(folder).projection != before.projection
    assert verified(folder).digest == before.digest
