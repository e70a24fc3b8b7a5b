"""A rebuilt projection learns its own models; and what learned is lost, damaged or of another log."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from events.calendar import date_of
from events.control import ClockMode, ModelDecided
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.head import LogHead
from infra.sqlite.connection import StoreError
from services.embedded import Engine, open_engine
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.ops.verify.report import Relearned, Report
from services.ops.verify.run import verify
from services.rebuilding import rebuild
from tests.support.given import DAY, LOG
from tests.support.population import DAYS, population
from tests.support.world import StoppedClock

NEW_LOG = NewLog("UTC", "GBP", LOG.namespace, ClockMode.LOG)
WALL = StoppedClock()
DECIDED = DAYS  # each day but the first, and the one to come


async def imported(engine: Engine) -> None:
    facts = population()
    await engine.log.begin_import("i1", len(facts))
    await engine.log.append(facts, "i1", len(facts))
    await engine.log.end_import("i1", finished=True)
    await engine.profiles.catch_up()


async def caught_up(engine: Engine) -> None:
    await engine.profiles.catch_up()


def in_engine(folder: DataFolder, work: Callable[[Engine], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_engine(folder, NEW_LOG, WALL) as engine:
            await work(engine)

    asyncio.run(run())


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    in_engine(made, imported)
    return made


def rebuilt(folder: DataFolder) -> None:
    found = asyncio.run(rebuild(folder, IngestSettings(), WALL, lambda _: None))
    assert found is not None


def verified(folder: DataFolder) -> Report:
    report = asyncio.run(verify(folder, lambda *_: None, relearn=True))
    assert report.differences == ()
    return report


def head_of(folder: DataFolder) -> LogHead:
    async def read() -> LogHead:
        archive = SqliteArchive(folder.log)
        try:
            head = await archive.head()
            assert head is not None
            return head
        finally:
            await archive.close()

    return asyncio.run(read())


def models(folder: DataFolder, projection: str) -> list[ModelDecided]:
    """What was decided for a projection, without its name."""
    decided = head_of(folder).decisions[projection]
    return [msgspec.structs.replace(entry, projection="") for entry in decided]


def course_file(folder: DataFolder) -> Path:
    return folder.course(head_of(folder).projection() or "")


def test_a_rebuild_learns_the_same_models_and_ends_with_the_same_digest(
    folder: DataFolder,
) -> None:
    before = verified(folder)

    rebuilt(folder)

    after = verified(folder)
    assert after.projection != before.projection
    assert after.digest == before.digest
    assert models(folder, after.projection) == models(folder, before.projection)
    assert after.relearned == before.relearned == Relearned(DECIDED, 0)


def test_its_models_are_learned_of_its_own_snapshots(folder: DataFolder) -> None:
    rebuilt(folder)

    name = head_of(folder).projection()
    assert name is not None
    assert folder.course(name).exists()
    last = head_of(folder).decisions[name][-1].model
    assert last is not None
    assert last.labels > 400


def test_days_that_were_passed_over_live_are_counted_and_a_rebuild_learns_them(
    folder: DataFolder,
) -> None:
    async def three_days(engine: Engine) -> None:
        for day in range(3):
            await engine.log.advance(DAY + DAYS + day)
        await engine.profiles.catch_up()

    in_engine(folder, three_days)
    live = verified(folder)
    rebuilt(folder)

    assert live.relearned == Relearned(DECIDED + 3, 2), "the first of them was decided ahead"
    assert [entry.model is None for entry in models(folder, live.projection)[-4:]] == [
        *(False, True, True, False)
    ]
    anew = verified(folder)
    assert anew.relearned == Relearned(DECIDED + 3, 0)


def test_a_lost_course_is_learned_anew(folder: DataFolder) -> None:
    before, decided = verified(folder), head_of(folder).decisions
    course_file(folder).unlink()

    in_engine(folder, caught_up)

    assert verified(folder) == before
    assert head_of(folder).decisions == decided
    assert course_file(folder).exists()


def test_a_damaged_course_is_said_and_may_be_removed(folder: DataFolder) -> None:
    path = course_file(folder)
    path.write_bytes(b"no database at all, and long enough to be taken for one. " * 9)

    with pytest.raises(StoreError, match=f"{path.name} cannot be used .*remove it"):
        in_engine(folder, caught_up)
    path.unlink()
    in_engine(folder, caught_up)

    verified(folder)


def test_a_course_that_is_ahead_of_a_restored_log_is_learned_anew(folder: DataFolder) -> None:
    kept = {path: path.read_bytes() for path in folder.path.glob("*.db")}

    async def a_week_more(engine: Engine) -> None:
        await engine.log.advance(DAY + DAYS + 7)
        await engine.profiles.catch_up()

    in_engine(folder, a_week_more)
    for path, content in kept.items():
        if path != course_file(folder):
            path.write_bytes(content)

    with capture_logs() as said:
        in_engine(folder, a_week_more)

    assert "what was learned does not belong to this log: it is learned anew" in [
        entry["event"] for entry in said
    ]
    assert verified(folder).relearned == Relearned(DECIDED + 8, 0)


def test_without_snapshots_and_course_the_model_stays_and_it_is_said(folder: DataFolder) -> None:
    async def snapshots_gone(engine: Engine) -> None:
        def remove(connection: object, head: object) -> tuple[object, None]:
            connection.execute("DELETE FROM snapshots WHERE day < ?", (DAY + 100,))  # type: ignore[attr-defined]  # the log's own
            return head, None

        await engine.log._writer.submit(remove)  # type: ignore[arg-type]  # behind its back

    in_engine(folder, snapshots_gone)
    course_file(folder).unlink()

    async def a_day_more(engine: Engine) -> None:
        await engine.log.advance(DAY + DAYS)
        await engine.log.advance(DAY + DAYS + 1)
        await engine.profiles.catch_up()

    with capture_logs() as said:
        in_engine(folder, a_day_more)

    (warning,) = [entry for entry in said if entry["log_level"] == "warning"]
    assert f"the snapshots of {date_of(DAY)} are gone" in warning["reason"]
    assert head_of(folder).open_day == DAY + DAYS + 1
