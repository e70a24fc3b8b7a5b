"""A log on Kafka comes back from a backup record by record, and goes on as if nothing had been."""

import asyncio
from itertools import count
from pathlib import Path

from events.control import SourceScheduled
from infra.kafka.topics import TopicsAsCode
from infra.log.kafka_records import (
    IMPORT_HEADER,
    TALLIES_HEADER,
    Consumed,
    Message,
    fact_message,
    fact_of,
)
from infra.log.kafka_transactions import TransactionalProducer
from infra.log.partitioning import partition_of
from infra.log.port import head_of
from infra.log.records import Appended, DeadLetter, Duplicate
from schemas.topic_files import read_topics
from tests.support.backups import everything, forget, restored, saved, writer_of
from tests.support.cluster import Cluster
from tests.support.given import DAY, order
from tests.support.kafka_facts import record_of
from tests.support.world import awaited

PARTITIONS = 3
NAMES = [f"c{number}" for number in range(12)]
LETTER = DeadLetter(
    "l1", "shop", "invalid", "$.id is missing", "line 3", "name it", 7, b"\xff\x00{"
)
TRACED = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


async def a_life(cluster: Cluster) -> None:
    """Days, a feed, an import that is over, a dead letter, and a record that was traced."""
    async with writer_of(cluster) as log:
        await log.schedule(SourceScheduled("probe", ("data.mobile",), 1))
        await log.begin_import("history", 24)
        for done, day in enumerate((DAY, DAY + 1), start=1):
            await log.append([order(name, day) for name in NAMES], "history", 12 * done)
        await log.end_import("history", finished=True, tallies={("shop", "accepted"): 24})
        await log.bury([LETTER])
    await asyncio.to_thread(append_traced, cluster)


def append_traced(cluster: Cluster) -> None:
    """A fact of another release of ingest, which sends more headers."""
    headers = [
        *fact_message(0, record_of(order("c0", DAY + 1, fact_id="traced")), "").headers,
        TRACED,
        ("not-utf-8", b"\xfe"),
    ]
    traced = order("c0", DAY + 1, fact_id="traced")
    key = traced.customer_id.encode()
    partition = partition_of(traced.customer_id, PARTITIONS)
    producer = TransactionalProducer(cluster.settings())
    producer.open()
    producer.commit([Message("crm.facts", partition, key, traced.data, headers)])
    producer.close()


def kept(record: Consumed) -> tuple[bytes | None, bytes, list[tuple[str, bytes]], int]:
    """What must come back of a record: all but its offset, and how far an import was."""
    headers = [header for header in record.headers if not header[0].startswith(IMPORT_HEADER)]
    return record.key, record.value, headers, record.timestamp_ms


@awaited
async def test_every_record_comes_back_with_its_headers_and_its_time(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    before = await everything(lost.settings())
    assert any(TALLIES_HEADER in dict(record.headers) for record in before["crm.control", 0])
    assert any(TRACED in record.headers for records in before.values() for record in records)
    summary = await saved(lost, tmp_path / "saved")
    forget(lost)

    assert await restored(empty, tmp_path / "saved") == summary

    after = await everything(empty.settings())
    assert {place: list(map(kept, records)) for place, records in after.items()} == {
        place: list(map(kept, records)) for place, records in before.items()
    }
    assert summary.records == {
        topic: sum(len(records) for (name, _), records in before.items() if name == topic)
        for topic in ("crm.facts", "crm.dead-letters", "crm.control")
    }
    assert TopicsAsCode(read_topics(), empty.settings()).plan() == (), "times are stamped again"


@awaited
async def test_a_restored_log_knows_what_was_taken_and_takes_what_is_new(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    await a_life(lost)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    await restored(empty, tmp_path / "saved")

    async with writer_of(empty) as log:
        assert list(await log.append([order("c1", DAY)])) == [Duplicate()]
        (outcome,) = await log.append([order("new", DAY + 2)])
        assert isinstance(outcome, Appended)
        assert head_of(log).open_day == DAY + 2
        assert list(head_of(log).feeds) == ["data.mobile"]
        assert head_of(log).finished_imports == {"history"}


@awaited
async def test_an_import_that_was_under_way_begins_again_and_finds_what_stands(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    lost, empty = lost_and_empty
    facts = [order(name, DAY) for name in NAMES]
    async with writer_of(lost) as log:
        await log.begin_import("history", 12)
        await log.append(facts[:8], "history", 8)
    await saved(lost, tmp_path / "saved")
    forget(lost)
    await restored(empty, tmp_path / "saved")

    async with writer_of(empty) as log:
        assert head_of(log).suspended_by == "history"
        assert await log.begin_import("history", 12) == 0
        outcomes = await log.append(facts, "history", 12)
        assert list(outcomes[:8]) == [Duplicate()] * 8
        assert all(isinstance(outcome, Appended) for outcome in outcomes[8:])


@awaited
async def test_a_backup_beside_a_writer_is_of_one_moment(
    lost_and_empty: tuple[Cluster, Cluster], tmp_path: Path
) -> None:
    # given a log that is written to all the time, a day opened with every batch
    lost, empty = lost_and_empty
    async with writer_of(lost) as log:
        await log.append([order(name, DAY) for name in NAMES])
        over = asyncio.Event()

        async def go_on() -> None:
            for day in count(DAY + 1):
                await log.append([order(name, day) for name in NAMES])
                if over.is_set():
                    return

        writing = asyncio.create_task(go_on())

        # when it is backed up, and restored
        summaries = [await saved(lost, tmp_path / str(number)) for number in range(3)]
        over.set()
        await writing
    forget(lost)
    await restored(empty, tmp_path / "2")

    # then control names just the marks that every partition has, and it goes on
    found = await everything(empty.settings())
    days = [record.value for record in found["crm.control", 0] if is_day(record)]
    assert len(days) > 1
    for partition in range(PARTITIONS):
        assert [one.value for one in found["crm.facts", partition] if is_day(one)] == days
    assert summaries[0].records["crm.control"] < summaries[2].records["crm.control"]
    assert {fact_of(one).id for records in found.values() for one in records if one.key} >= {
        order(name, DAY).id for name in NAMES
    }
    async with writer_of(empty) as log:
        assert all(
            isinstance(outcome, Appended)
            for outcome in await log.append([order(name, DAY + 9_999) for name in NAMES])
        )


def is_day(record: Consumed) -> bool:
    return (record.header("ce_type") or b"").startswith(b"crm.day.opened")
