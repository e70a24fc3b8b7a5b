"""A log of several partitions: marks stand in all of them, in one transaction with control."""

import pytest

from events.control import ClockMode
from infra.log.memory import MemoryLog
from infra.log.partitioning import partition_of
from tests.support.given import DAY, LOG, id_of, order
from tests.support.marks import control_words, partition_words
from tests.support.world import CREATED, StoppedClock, awaited

NAMES = ("anna", "bert", "cleo", "dora", "emil")


async def created(partitions: int) -> MemoryLog:
    log = MemoryLog(partitions, StoppedClock())
    await log.create(LOG, ClockMode.LOG)
    await log.create_projection(CREATED)
    return log


@pytest.mark.parametrize("partitions", [1, 4, 64])
@awaited
async def test_every_mark_stands_in_every_partition_in_the_same_order(partitions: int) -> None:
    log = await created(partitions)
    await log.begin_import("i1", 5)
    await log.append([order(name, DAY + n) for n, name in enumerate(NAMES)], import_id="i1", done=5)
    await log.end_import("i1", finished=True)

    days = [f"day {day}" for day in range(DAY, DAY + 5)]
    for partition in range(partitions):
        words = await partition_words(log, partition)
        marks = [word for word in words if not word.startswith("order")]
        assert marks == ["live", "history", *days, "live"]
    control = [word for word in await control_words(log) if word in {"live", "history", *days}]
    assert control == ["live", "history", *days, "live"]


@awaited
async def test_a_fact_stands_after_the_opening_of_its_day_in_its_own_partition() -> None:
    log = await created(4)
    await log.append([order(name, DAY + n) for n, name in enumerate(NAMES)])

    for number, name in enumerate(NAMES):
        words = await partition_words(log, partition_of(id_of(name), 4))
        place = words.index(f"order {name} {DAY + number}")
        opened_before = [word for word in words[:place] if word.startswith("day")]
        assert opened_before[-1] == f"day {DAY + number}"


@awaited
async def test_offsets_count_within_a_partition() -> None:
    log = await created(4)
    await log.append([order(name, DAY) for name in NAMES])

    for partition in range(4):
        records = await log.read_facts(partition, -1, 100)
        assert [record.offset for record in records] == list(range(len(records)))
        assert await log.end_offset(partition) == len(records) - 1
