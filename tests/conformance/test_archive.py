"""Contract of `FactArchive`: reads of one moment, which later writes do not reach."""

from pathlib import Path

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from domain.customer.slice import fold_slice
from domain.customer.slice_marks import SliceMarks
from events.catalogue import PROFILES, SIGNALS, SNAPSHOTS
from events.marks import Emission
from infra.archive import sqlite
from infra.archive.port import ListedLetter
from infra.archive.slices import slice_facts, slice_marks
from infra.archive.sqlite import SqliteArchive
from infra.log.records import DeadLetter, Output
from infra.sqlite.connection import StoreError
from tests.conformance.backends import SqliteLogBackend, opened, reading
from tests.conformance.faults import damage_pages
from tests.support.given import DAY, id_of, order, orders
from tests.support.recorded import record_reading
from tests.support.world import CREATED, NOON, PROJECTION, awaited


@pytest.fixture
def logs(tmp_path: Path) -> SqliteLogBackend:
    return SqliteLogBackend(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


def output(topic: str, sequence: int, customer: str | None) -> Output:
    customer_id = None if customer is None else id_of(customer)
    return Output(topic, sequence, "crm.any.v1", customer_id, DAY, Emission.LIVE, b"{}")


def letter(name: str, received: int) -> DeadLetter:
    return DeadLetter(name, "shop", "invalid", "detail", "$.data", "mend it", received, b"\x00")


@awaited
async def test_a_slice_is_a_customers_facts_up_to_an_offset(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        await log.append(
            [*orders("anna", DAY, DAY + 1), *orders("bert", DAY + 1), order("anna", DAY + 2)]
        )
        everything = await log.read_facts(0, -1, 100)
        own = [record for record in everything if record.customer_id == id_of("anna")]

        async with reading(path) as archive:
            assert await archive.slice(id_of("anna"), everything[-1].offset) == own
            assert await archive.slice(id_of("anna"), own[-1].offset - 1) == own[:-1]
            assert await archive.slice(id_of("nobody"), 100) == []
            assert await archive.customers() == sorted([id_of("anna"), id_of("bert")])


@awaited
async def test_the_first_and_the_newest_facts_are_the_ends_of_the_slice(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        await log.append([*orders("anna", DAY, DAY), *orders("bert", DAY), order("anna", DAY + 3)])
        everything = await log.read_facts(0, -1, 100)

        async with reading(path) as archive:
            own = await archive.slice(id_of("anna"), 100)
            assert await archive.first_fact(id_of("anna")) == own[0]
            assert await archive.first_fact(id_of("nobody")) is None
            assert await archive.newest_facts(0, 1, id_of("anna")) == own[-1:]
            assert await archive.newest_facts(0, 100, id_of("anna")) == own
            assert await archive.newest_facts(0, 3, None) == everything[-3:]
            assert await archive.newest_facts(0, 3, id_of("nobody")) == []


@awaited
async def test_customers_and_marks_are_counted(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        async with reading(path) as archive:
            assert (await archive.customer_count(), await archive.mark_count(0)) == (0, 1)
            assert await archive.fact_count(0) == 0
        await log.append([*orders("anna", DAY, DAY + 1), order("bert", DAY + 2)])

        async with reading(path) as archive:
            marks = await archive.marks(0, 100)
            assert await archive.customer_count() == len(await archive.customers()) == 2
            assert await archive.mark_count(0) == len(marks)
            assert await archive.fact_count(0) == 3


@awaited
async def test_marks_are_all_that_is_nobodys(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.append(orders("anna", DAY, DAY + 2))
        everything = await log.read_facts(0, -1, 100)
        marks = [record for record in everything if record.customer_id is None]

        async with reading(path) as archive:
            assert await archive.marks(0, 100) == marks
            assert await archive.marks(0, marks[-1].offset - 1) == marks[:-1]
            assert [record async for record in archive.facts(0, -1)] == everything
            assert [record async for record in archive.facts(0, 1)] == everything[2:]
            assert await archive.end_offset(0) == everything[-1].offset


@awaited
async def test_a_snapshot_does_not_see_what_is_written_later(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        async with reading(path) as archive:
            await log.append([order("bert", DAY + 1)])
            await log.publish(PROJECTION, 0, [output(SIGNALS, 100, "anna")])
            await log.bury([letter("a1", NOON)])

            head = await archive.head()
            assert head is not None
            assert (head.open_day, head.projections) == (DAY, {PROJECTION: CREATED.fingerprint})
            assert await archive.customers() == [id_of("anna")]
            assert await archive.end_offset(0) == 2
            assert await archive.newest_outputs(SIGNALS, 10, None) == []
            assert [fact.id for fact in await archive.newest_facts(0, 1, None)] == [
                "order anna 15000"
            ]
            assert await archive.dead_letters(10) == []
            assert await archive.claims.claim_count() == 1


@awaited
async def test_head_and_control_are_as_the_log_has_them(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        async with reading(path) as archive:
            assert await archive.head() == log.head
            assert await archive.control() == await log.control_records()


@awaited
async def test_outputs_of_a_customer_come_by_sequence_over_all_topics(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        published = [
            output(SIGNALS, 100, "anna"),
            output(PROFILES, 101, "anna"),
            output(SNAPSHOTS, 102, None),
            output(SIGNALS, 200, "anna"),
            output(SIGNALS, 201, "bert"),
        ]
        await log.publish(PROJECTION, 0, published)
        await log.publish("another", 0, [output(SIGNALS, 100, "anna")])

        async with reading(path) as archive:
            own = await archive.outputs_of(id_of("anna"), PROJECTION, 10_000)
            assert [(record.sequence, record.topic) for record in own] == [
                (100, SIGNALS),
                (101, PROFILES),
                (200, SIGNALS),
            ]
            before = await archive.outputs_of(id_of("anna"), PROJECTION, 200)
            assert [record.sequence for record in before] == [100, 101]
            nobodys = await archive.outputs_of_nobody(0, PROJECTION, 10_000)
            assert [record.sequence for record in nobodys] == [102]
            assert await archive.outputs_of_nobody(0, PROJECTION, 102) == []
            assert await archive.outputs_of_nobody(0, "another", 10_000) == []
            subjects = await archive.output_subjects(PROJECTION)
            assert subjects == sorted([id_of("anna"), id_of("bert")])


@awaited
async def test_snapshots_of_a_projection_come_by_partition_and_sequence(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 1, [output(SNAPSHOTS, 5, "anna")])
        await log.publish(PROJECTION, 0, [output(SNAPSHOTS, n, "bert") for n in (7, 9, 8)])
        await log.publish(PROJECTION, 0, [output(SIGNALS, 6, "anna"), output(SNAPSHOTS, 3, None)])
        await log.publish("another", 0, [output(SNAPSHOTS, 1, "anna")])

        async with reading(path) as archive:
            found = [
                record
                for partition in (0, 1)
                async for record in archive.snapshots(PROJECTION, partition)
            ]
            assert [(record.partition, record.sequence) for record in found] == [
                (0, 3),
                (0, 7),
                (0, 8),
                (0, 9),
                (1, 5),
            ]
            assert {record.topic for record in found} == {SNAPSHOTS}
            assert [record.customer_id for record in found[:2]] == [None, id_of("bert")]
            assert [record async for record in archive.snapshots("nobody's", 0)] == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
@awaited
async def test_snapshots_are_read_a_few_at_a_time_and_none_is_left_out(
    logs: SqliteLogBackend, path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(sqlite, "_RECORDS_A_READ", at_once)
    record = record_reading(monkeypatch)
    async with opened(logs) as log:
        for partition in (0, 1):
            await log.publish(
                PROJECTION, partition, [output(SNAPSHOTS, n, "anna") for n in range(3)]
            )

        async with reading(path) as archive:
            record.forget()
            places = []
            for partition in (0, 1):
                async for each in archive.snapshots(PROJECTION, partition):
                    places.append((each.partition, each.sequence))
                    assert record.rows <= len(places) + at_once - 1

    assert places == [(partition, sequence) for partition in (0, 1) for sequence in range(3)]


@awaited
async def test_the_end_of_a_topic_is_read_of_one_customer_or_all(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        customers = ["anna", "bert", "anna"]
        await log.publish(
            PROJECTION, 0, [output(SIGNALS, n, name) for n, name in enumerate(customers, 100)]
        )

        async with reading(path) as archive:
            every = await archive.newest_outputs(SIGNALS, 10, None)
            assert [record.sequence for record in every] == [100, 101, 102]
            assert await archive.newest_outputs(SIGNALS, 2, None) == every[1:]
            assert await archive.newest_outputs(SIGNALS, 10, id_of("bert")) == every[1:2]
            assert await archive.newest_outputs(SIGNALS, 1, id_of("anna")) == every[2:]
            assert await archive.newest_outputs(SIGNALS, 10, id_of("nobody")) == []


@awaited
async def test_dead_letters_come_newest_first_and_are_found_by_a_beginning(
    logs: SqliteLogBackend, path: Path
) -> None:
    async with opened(logs) as log:
        await log.bury([letter("aa11", NOON), letter("ab22", NOON + 2), letter("cc33", NOON + 1)])

        async with reading(path) as archive:
            assert [each.id for each in await archive.dead_letters(2)] == ["ab22", "cc33"]
            assert [each.id for each in await archive.listed_letters(2)] == ["ab22", "cc33"]
            assert await archive.dead_letter("ab") == letter("ab22", NOON + 2)
            assert await archive.dead_letter("cc33") == letter("cc33", NOON + 1)
            assert await archive.dead_letter("a") is None, "two begin so"
            assert await archive.dead_letter("zz") is None


@awaited
async def test_letters_are_listed_by_their_size_and_counted_by_their_reason(
    logs: SqliteLogBackend, path: Path
) -> None:
    long = msgspec.structs.replace(letter("aa11", NOON), body=b"\xff" * 5_000, reason="late")
    async with opened(logs) as log:
        await log.bury([long, letter("bb22", NOON - 1), letter("cc33", NOON - 2)])

        async with reading(path) as archive:
            listed = await archive.listed_letters(10)
            assert [(each.id, each.size) for each in listed] == [
                ("aa11", 5_000),
                ("bb22", 1),
                ("cc33", 1),
            ]
            assert listed[1] == ListedLetter(
                "bb22", "shop", "invalid", "detail", "$.data", "mend it", NOON - 1, 1
            )
            assert await archive.letter_counts() == {"invalid": 2, "late": 1}


@pytest.mark.parametrize("text", ["\x00", "a%", "a_", "A", "\U0010ffff", "aa11 "])
@awaited
async def test_no_sign_in_a_beginning_stands_for_another(
    logs: SqliteLogBackend, path: Path, text: str
) -> None:
    async with opened(logs) as log:
        await log.bury([letter("aa11", NOON)])

        async with reading(path) as archive:
            assert await archive.dead_letter(text) is None


@awaited
async def test_a_claim_is_found_with_its_body(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        fact = order("anna", DAY)
        await log.append([fact])

        async with reading(path) as archive:
            claimed = archive.claims.claimed
            assert await claimed([fact.claim()]) == {fact.claim(): fact.body_digest()}
            assert await claimed([order("bert", DAY).claim()]) == {}
            both = [order("bert", DAY).claim(), fact.claim()]
            assert await claimed(both) == {fact.claim(): fact.body_digest()}
            assert await claimed([]) == {}


@awaited
async def test_a_slice_of_the_archive_folds(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.append(orders("anna", DAY, DAY + 10, DAY + 20))

        async with reading(path) as archive:
            facts = slice_facts(await archive.slice(id_of("anna"), 10_000))
            marks = SliceMarks(slice_marks(await archive.marks(0, 10_000)), PROJECTION)
        folded = fold_slice(CustomerFold("GBP"), id_of("anna"), facts, marks)

        assert folded.today == DAY + 20
        assert folded.state is not None
        assert (folded.state.purchases.orders, folded.state.purchases.gaps.count) == (3, 2)


@awaited
async def test_a_damaged_fact_does_not_decode(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        (record,) = [entry for entry in await log.read_facts(0, -1, 10) if entry.customer_id]

    with pytest.raises(msgspec.DecodeError):
        slice_facts([record._replace(data=record.data[:-1])])


def test_a_missing_log_is_said(path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist; `holdfast import` or `holdfast serve`"):
        SqliteArchive(path)


@awaited
async def test_damage_is_said_whatever_is_read(logs: SqliteLogBackend, path: Path) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY, fact_id=f"o{number}") for number in range(500)])
    damage_pages(path)

    with pytest.raises(StoreError, match="malformed; the file is damaged: restore it"):
        SqliteArchive(path)
