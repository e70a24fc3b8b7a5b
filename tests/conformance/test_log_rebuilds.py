"""Contract of `EventLog`: a rebuilt projection is silent, takes over by marks, and once."""

import msgspec
import pytest

from infra.log.holds import ImportUnderWayError
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, order
from tests.support.marks import control_words, partition_words
from tests.support.world import CREATED, awaited

REBUILT = msgspec.structs.replace(CREATED, projection="second", fingerprint="e" * 64)


@awaited
async def test_a_rebuild_is_created_without_a_mark(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await partition_words(log)
        await log.create_projection(REBUILT)

        assert await partition_words(log) == before
        assert log.head is not None
        assert log.head.projection() == CREATED.projection
        assert log.head.rebuild_under_way(REBUILT.fingerprint) == "second"


@awaited
async def test_at_the_switch_the_predecessor_falls_silent_and_the_rebuild_is_live(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        await log.create_projection(REBUILT)
        await log.switch_projection("second")

        assert (await partition_words(log))[-3:] == [f"order anna {DAY}", "silent", "live"]
        assert (await control_words(log))[-2:] == ["silent", "live"]
        assert log.head is not None
        assert log.head.projection() == "second"
        assert log.head.rebuild_under_way(REBUILT.fingerprint) is None


@awaited
async def test_a_second_switch_changes_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.create_projection(REBUILT)
        await log.switch_projection("second")
        before = await partition_words(log)
        await log.switch_projection("second")

        assert await partition_words(log) == before


@awaited
async def test_while_an_import_has_the_log_nothing_takes_over(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.create_projection(REBUILT)
        await log.begin_import("i1", 1)

        with pytest.raises(ImportUnderWayError):
            await log.switch_projection("second")
        assert log.head is not None
        assert log.head.projection() == CREATED.projection


@awaited
async def test_after_the_switch_an_import_marks_the_new_projection_only(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.create_projection(REBUILT)
        await log.switch_projection("second")
        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=True)

        assert (await partition_words(log))[-4:] == ["silent", "live", "history", "live"]
