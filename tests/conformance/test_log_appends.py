"""Contract of `EventLog`: what becomes of facts that are appended, on every backend."""

import asyncio

import msgspec
import pytest

from events.control import ClockMode
from events.values import CustomerId
from infra.log.port import EventLog
from infra.log.records import Appended, Conflict, Duplicate, FactRecord, NewFact
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, LOG, id_of, order, usage
from tests.support.world import awaited
from tests.unit.events.test_tracing import VALID


async def facts_in(log: EventLog) -> list[FactRecord]:
    """All facts of the log, without the marks."""
    records = await log.read_facts(0, -1, 10_000)
    return [record for record in records if record.customer_id is not None]


async def whole(log: EventLog) -> tuple[object, object]:
    """Everything that an append might touch."""
    return await log.read_facts(0, -1, 10_000), await log.control_records()


def check_offsets(logs: LogBackend, offsets: list[int]) -> None:
    """They begin with 0 and grow; where only records take offsets, without a gap."""
    assert offsets[0] == 0
    assert offsets == sorted(set(offsets))
    assert logs.has_gaps or offsets[-1] == len(offsets) - 1


UNFOLDABLE = msgspec.structs.replace(order("eve", DAY), customer_id=CustomerId("not hexadecimal"))


@awaited
async def test_facts_stand_in_the_order_in_which_they_were_appended(logs: LogBackend) -> None:
    async with opened(logs) as log:
        outcomes = await log.append([order("anna", DAY), usage("bert", DAY, "mobile-data", 2.5)])

        found = await facts_in(log)
        assert [Appended(record.offset) for record in found] == list(outcomes)
        assert [record.customer_id for record in found] == [id_of("anna"), id_of("bert")]
        assert [record.type for record in found] == ["crm.order.placed.v1", "crm.usage.recorded.v1"]
        assert found[0].data == order("anna", DAY).data
        assert (found[0].source, found[0].id, found[0].day) == ("shop", f"order anna {DAY}", DAY)
        assert logs.is_now(found[0].appended)


@awaited
async def test_a_trace_is_kept_where_there_is_a_place_for_it_and_changes_nothing(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        traced = msgspec.structs.replace(order("anna", DAY), traceparent=VALID)
        await log.append([traced, order("bert", DAY)])

        assert await log.append([order("anna", DAY)]) == [Duplicate()]
        anna, bert = await facts_in(log)
        assert anna.traceparent in {None, VALID}
        assert bert.traceparent is None
        assert anna.computed_digest() == anna.digest


@awaited
async def test_facts_stand_when_the_log_is_opened_again(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        before, head = await whole(log), log.head

    async with opened(logs) as log:
        assert await whole(log) == before
        assert log.head == head
        assert head is not None
        assert head.open_day == DAY


@awaited
async def test_every_record_bears_its_digest(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])

        for record in await log.read_facts(0, -1, 100):
            assert record.digest == record.computed_digest()
        for control in await log.control_records():
            assert control.digest == control.computed_digest()


@awaited
async def test_offsets_grow_from_zero(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY), order("anna", DAY + 2)])
        await log.append([order("anna", DAY + 3)])

        records = await log.read_facts(0, -1, 100)
        check_offsets(logs, [record.offset for record in records])
        assert await log.end_offset(0) == records[-1].offset
        check_offsets(logs, [record.offset for record in await log.control_records()])


@awaited
async def test_an_empty_partition_ends_at_minus_one(logs: LogBackend) -> None:
    log = await logs.open()
    try:
        assert await log.end_offset(0) == -1
        assert await log.read_facts(0, -1, 10) == []
        assert log.head is None
    finally:
        await log.close()


@awaited
async def test_reading_goes_on_above_an_offset_and_stops_at_a_limit(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY, fact_id=f"o{number}") for number in range(5)])
        everything = await log.read_facts(0, -1, 100)

        assert await log.read_facts(0, -1, 2) == everything[:2]
        assert await log.read_facts(0, everything[1].offset, 2) == everything[2:4]
        assert await log.read_facts(0, everything[-1].offset, 2) == []


@awaited
async def test_the_same_fact_again_is_a_duplicate_and_changes_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        before = await whole(log)

        assert list(await log.append([order("anna", DAY)])) == [Duplicate()]
        assert await whole(log) == before


@awaited
async def test_a_duplicate_is_told_after_the_log_was_opened_again(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])

    async with opened(logs) as log:
        assert list(await log.append([order("anna", DAY)])) == [Duplicate()]


OTHER_BODIES = {
    "another amount": order("anna", DAY, 999),
    "another time": msgspec.structs.replace(order("anna", DAY), time=order("anna", DAY).time + 1),
    "another type": msgspec.structs.replace(
        usage("anna", DAY, "mobile-data", 1.0), id=f"order anna {DAY}"
    ),
}


@pytest.mark.parametrize("other", OTHER_BODIES.values(), ids=OTHER_BODIES)
@awaited
async def test_another_body_under_the_same_id_is_a_conflict_and_changes_nothing(
    logs: LogBackend, other: NewFact
) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        before = await whole(log)

        assert list(await log.append([other])) == [Conflict()]
        assert await whole(log) == before


@awaited
async def test_the_same_id_of_another_source_is_another_fact(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.append([order("anna", DAY)])
        elsewhere = msgspec.structs.replace(order("anna", DAY), source="till")

        (outcome,) = await log.append([elsewhere])
        assert isinstance(outcome, Appended)


@awaited
async def test_two_claims_of_one_batch_are_told_apart_from_each_other(logs: LogBackend) -> None:
    async with opened(logs) as log:
        first, again, other = order("anna", DAY), order("anna", DAY), order("anna", DAY, 999)

        outcomes = await log.append([first, again, other])

        (record,) = await facts_in(log)
        assert list(outcomes) == [Appended(record.offset), Duplicate(), Conflict()]
        assert record.data == first.data


@awaited
async def test_an_empty_batch_changes_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await whole(log)

        assert list(await log.append([])) == []
        assert await whole(log) == before


@awaited
async def test_an_append_that_fails_in_the_middle_leaves_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before, head = await whole(log), log.head

        with pytest.raises(ValueError, match="invalid literal"):
            await log.append([order("anna", DAY), UNFOLDABLE, order("bert", DAY)])

        assert await whole(log) == before
        assert log.head == head
        (outcome,) = await log.append([order("anna", DAY)])
        assert isinstance(outcome, Appended), "no claim of the failed batch stands"


@awaited
async def test_a_failing_append_takes_nothing_else_with_it(logs: LogBackend) -> None:
    async with opened(logs) as log:
        batches = [[order(f"customer {number}", DAY)] for number in range(40)]
        batches[7] = batches[23] = [order("anna", DAY, fact_id="fails too"), UNFOLDABLE]

        results = await asyncio.gather(*map(log.append, batches), return_exceptions=True)

        failed = [number for number, result in enumerate(results) if isinstance(result, ValueError)]
        assert failed == [7, 23]
        assert len(await facts_in(log)) == 38
        records = await log.read_facts(0, -1, 1_000)
        check_offsets(logs, [record.offset for record in records])


@awaited
async def test_of_many_copies_at_once_exactly_one_stands(logs: LogBackend) -> None:
    async with opened(logs) as log:
        results = await asyncio.gather(*[log.append([order("anna", DAY)]) for _ in range(60)])

        outcomes = [outcome for result in results for outcome in result]
        assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
        assert outcomes.count(Duplicate()) == 59
        assert len(await facts_in(log)) == 1


@awaited
async def test_more_claims_than_a_query_takes_are_all_looked_up(logs: LogBackend) -> None:
    async with opened(logs) as log:
        many = [order("anna", DAY, fact_id=f"o{number}") for number in range(2_345)]
        await log.append(many)

        assert set(await log.append(many)) == {Duplicate()}


@awaited
async def test_a_log_is_created_once(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await whole(log)

        with pytest.raises(FileExistsError):
            await log.create(LOG, ClockMode.WALL)
        assert await whole(log) == before


@awaited
async def test_nothing_is_appended_to_a_log_that_was_never_created(logs: LogBackend) -> None:
    log = await logs.open()
    try:
        with pytest.raises(LookupError, match="never created"):
            await log.append([order("anna", DAY)])
        assert await log.end_offset(0) == -1
    finally:
        await log.close()
