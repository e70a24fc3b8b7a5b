"""Contract of `FactArchive`: reads of one moment, which later writes do not reach."""

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from domain.customer.slice import fold_slice
from domain.customer.slice_marks import SliceMarks
from events.catalogue import PROFILES, SIGNALS, SNAPSHOTS
from events.marks import Emission
from infra.archive.port import ListedLetter
from infra.archive.slices import slice_facts, slice_marks
from infra.log.records import DeadLetter, Output
from tests.conformance.archives import Archives
from tests.support.given import DAY, id_of, order, orders
from tests.support.world import CREATED, NOON, PROJECTION, awaited


def output(topic: str, sequence: int, customer: str | None) -> Output:
    customer_id = None if customer is None else id_of(customer)
    return Output(topic, sequence, "crm.any.v1", customer_id, DAY, Emission.LIVE, b"{}")


def letter(name: str, received: int) -> DeadLetter:
    return DeadLetter(name, "shop", "invalid", "detail", "$.data", "mend it", received, b"\x00")


@awaited
async def test_a_slice_is_a_customers_facts_up_to_an_offset(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append(
            [*orders("anna", DAY, DAY + 1), *orders("bert", DAY + 1), order("anna", DAY + 2)]
        )
        everything = await log.read_facts(0, -1, 100)
        own = [record for record in everything if record.customer_id == id_of("anna")]

        async with archives.reading() as archive:
            assert await archive.slice(id_of("anna"), everything[-1].offset) == own
            assert await archive.slice(id_of("anna"), own[-1].offset - 1) == own[:-1]
            assert await archive.slice(id_of("nobody"), 100) == []
            assert await archive.customers() == sorted([id_of("anna"), id_of("bert")])


@awaited
async def test_the_first_and_the_newest_facts_are_the_ends_of_the_slice(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append([*orders("anna", DAY, DAY), *orders("bert", DAY), order("anna", DAY + 3)])
        everything = await log.read_facts(0, -1, 100)

        async with archives.reading() as archive:
            own = await archive.slice(id_of("anna"), 100)
            assert await archive.first_fact(id_of("anna")) == own[0]
            assert await archive.first_fact(id_of("nobody")) is None
            assert await archive.newest_facts(0, 1, id_of("anna")) == own[-1:]
            assert await archive.newest_facts(0, 100, id_of("anna")) == own
            assert await archive.newest_facts(0, 3, None) == everything[-3:]
            assert await archive.newest_facts(0, 3, id_of("nobody")) == []


@awaited
async def test_customers_and_marks_are_counted(archives: Archives) -> None:
    async with archives.opened() as log:
        async with archives.reading() as archive:
            assert (await archive.customer_count(), await archive.mark_count(0)) == (0, 1)
            assert await archive.fact_count(0) == 0
        await log.append([*orders("anna", DAY, DAY + 1), order("bert", DAY + 2)])

        async with archives.reading() as archive:
            marks = await archive.marks(0, 100)
            assert await archive.customer_count() == len(await archive.customers()) == 2
            assert await archive.mark_count(0) == len(marks)
            assert await archive.fact_count(0) == 3


@awaited
async def test_marks_are_all_that_is_nobodys(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append(orders("anna", DAY, DAY + 2))
        everything = await log.read_facts(0, -1, 100)
        marks = [record for record in everything if record.customer_id is None]

        async with archives.reading() as archive:
            assert await archive.marks(0, 100) == marks
            assert await archive.marks(0, marks[-1].offset - 1) == marks[:-1]
            assert [record async for record in archive.facts(0, -1)] == everything
            assert [record async for record in archive.facts(0, 1)] == everything[2:]
            assert await archive.end_offset(0) == everything[-1].offset


@awaited
async def test_a_snapshot_does_not_see_what_is_written_later(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append([order("anna", DAY)])
        async with archives.reading() as archive:
            await log.append([order("bert", DAY + 1)])
            await log.publish(PROJECTION, 0, [output(SIGNALS, 100, "anna")])
            await log.bury([letter("a1", NOON)])
            await archives.feed()

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
            assert archive.claims is None or await archive.claims.claim_count() == 1


@awaited
async def test_head_and_control_are_as_the_log_has_them(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.begin_import("i1", 1)
        async with archives.reading() as archive:
            assert await archive.head() == log.head
            assert list(await archive.control()) == list(await log.control_records())
            assert await archive.control_count() == len(await log.control_records())


@awaited
async def test_outputs_of_a_customer_come_by_sequence_over_all_topics(archives: Archives) -> None:
    async with archives.opened() as log:
        published = [
            output(SIGNALS, 100, "anna"),
            output(PROFILES, 101, "anna"),
            output(SNAPSHOTS, 102, None),
            output(SIGNALS, 200, "anna"),
            output(SIGNALS, 201, "bert"),
        ]
        await log.publish(PROJECTION, 0, published)
        await log.publish("another", 0, [output(SIGNALS, 100, "anna")])

        async with archives.reading() as archive:
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
async def test_snapshots_of_a_projection_come_by_partition_and_sequence(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.publish(PROJECTION, 1, [output(SNAPSHOTS, 5, "anna")])
        await log.publish(PROJECTION, 0, [output(SNAPSHOTS, n, "bert") for n in (7, 9, 8)])
        await log.publish(PROJECTION, 0, [output(SIGNALS, 6, "anna"), output(SNAPSHOTS, 3, None)])
        await log.publish("another", 0, [output(SNAPSHOTS, 1, "anna")])

        async with archives.reading() as archive:
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


@awaited
async def test_the_end_of_a_topic_is_read_of_one_customer_or_all(archives: Archives) -> None:
    async with archives.opened() as log:
        customers = ["anna", "bert", "anna"]
        await log.publish(
            PROJECTION, 0, [output(SIGNALS, n, name) for n, name in enumerate(customers, 100)]
        )

        async with archives.reading() as archive:
            every = await archive.newest_outputs(SIGNALS, 10, None)
            assert [record.sequence for record in every] == [100, 101, 102]
            assert await archive.newest_outputs(SIGNALS, 2, None) == every[1:]
            assert await archive.newest_outputs(SIGNALS, 10, id_of("bert")) == every[1:2]
            assert await archive.newest_outputs(SIGNALS, 1, id_of("anna")) == every[2:]
            assert await archive.newest_outputs(SIGNALS, 10, id_of("nobody")) == []


@awaited
async def test_dead_letters_come_newest_first_and_are_found_by_a_beginning(
    archives: Archives,
) -> None:
    async with archives.opened() as log:
        await log.bury([letter("aa11", NOON), letter("ab22", NOON + 2), letter("cc33", NOON + 1)])

        async with archives.reading() as archive:
            assert [each.id for each in await archive.dead_letters(2)] == ["ab22", "cc33"]
            assert [each.id for each in await archive.listed_letters(2)] == ["ab22", "cc33"]
            assert await archive.dead_letter("ab") == letter("ab22", NOON + 2)
            assert await archive.dead_letter("cc33") == letter("cc33", NOON + 1)
            assert await archive.dead_letter("a") is None, "two begin so"
            assert await archive.dead_letter("zz") is None


@awaited
async def test_letters_are_listed_by_their_size_and_counted_by_their_reason(
    archives: Archives,
) -> None:
    long = msgspec.structs.replace(letter("aa11", NOON), body=b"\xff" * 5_000, reason="late")
    async with archives.opened() as log:
        await log.bury([long, letter("bb22", NOON - 1), letter("cc33", NOON - 2)])

        async with archives.reading() as archive:
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
async def test_no_sign_in_a_beginning_stands_for_another(archives: Archives, text: str) -> None:
    async with archives.opened() as log:
        await log.bury([letter("aa11", NOON)])

        async with archives.reading() as archive:
            assert await archive.dead_letter(text) is None


@awaited
async def test_a_slice_of_the_archive_folds(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append(orders("anna", DAY, DAY + 10, DAY + 20))

        async with archives.reading() as archive:
            facts = slice_facts(await archive.slice(id_of("anna"), 10_000))
            marks = SliceMarks(slice_marks(await archive.marks(0, 10_000)), PROJECTION)
        folded = fold_slice(CustomerFold("GBP"), id_of("anna"), facts, marks)

        assert folded.today == DAY + 20
        assert folded.state is not None
        assert (folded.state.purchases.orders, folded.state.purchases.gaps.count) == (3, 2)


@awaited
async def test_a_damaged_fact_does_not_decode(archives: Archives) -> None:
    async with archives.opened() as log:
        await log.append([order("anna", DAY)])
        (record,) = [entry for entry in await log.read_facts(0, -1, 10) if entry.customer_id]

    with pytest.raises(msgspec.DecodeError):
        slice_facts([record._replace(data=record.data[:-1])])
