"""Contract of `StateStore`, on every backend."""

import pytest

from events.marks import Emission
from events.values import CustomerId
from infra.state.port import (
    START,
    Commit,
    Position,
    PositionConflictError,
    Quarantined,
    StateRow,
)
from tests.conformance.stores import StoreOpener
from tests.support.given import DAY
from tests.support.world import awaited

A, B, C, D = (CustomerId(f"{letter}" * 8) for letter in "abcd")
FIRST = Position(offset=7, open_day=DAY, emission=Emission.LIVE, digest=b"\x01" * 16)
MID_MARK = Position(9, A, 2_000, 3, DAY, Emission.HISTORY, b"\x02" * 16)


def row(
    customer_id: CustomerId, data: bytes = b"x", due: int | None = None, standing: bool = False
) -> StateRow:
    return StateRow(customer_id, data, due, standing)


@awaited
async def test_a_new_store_stands_at_the_start_and_holds_nothing(stores: StoreOpener) -> None:
    async with stores() as store:
        assert await store.position() == START
        assert await store.load([A]) == {}
        assert list(await store.due(DAY, None, 10)) == []
        assert list(await store.standing(None, 10)) == []
        assert list(await store.quarantined()) == []


@awaited
async def test_rows_and_position_stand_when_the_store_is_opened_again(stores: StoreOpener) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [row(A, b"\x00\xff"), row(B)]))
        await store.commit(FIRST, Commit(MID_MARK, []))

    async with stores() as store:
        assert await store.position() == MID_MARK
        assert await store.load([A, B, C]) == {A: b"\x00\xff", B: b"x"}


@awaited
async def test_a_later_row_replaces_the_earlier_one_with_all_that_it_is_found_by(
    stores: StoreOpener,
) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [row(A, b"old", DAY, standing=True), row(B)]))
        await store.commit(FIRST, Commit(MID_MARK, [row(A, b"new")]))

        assert await store.load([A, B]) == {A: b"new", B: b"x"}
        assert list(await store.due(DAY, None, 10)) == []
        assert list(await store.standing(None, 10)) == []


@awaited
async def test_a_conflict_of_positions_stores_nothing(stores: StoreOpener) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [row(A, b"kept")]))

        for expected in (START, MID_MARK):
            stale = Commit(MID_MARK, [row(A, b"lost"), row(B)], [Quarantined(C, 3, "lost")])
            with pytest.raises(PositionConflictError):
                await store.commit(expected, stale)

        assert await store.position() == FIRST
        assert await store.load([A, B]) == {A: b"kept"}
        assert list(await store.quarantined()) == []


@pytest.mark.parametrize(
    "other",
    [
        Position(7, A, 0, 0, DAY, Emission.LIVE, b"\x01" * 16),
        Position(7, None, 0, 1, DAY, Emission.LIVE, b"\x01" * 16),
        Position(7, None, 0, 0, DAY + 1, Emission.LIVE, b"\x01" * 16),
        Position(7, None, 0, 0, DAY, Emission.SILENT, b"\x01" * 16),
        Position(7, None, 0, 0, DAY, Emission.LIVE, b"\x02" * 16),
    ],
    ids=["last customer", "outputs", "open day", "emission", "digest"],
)
@awaited
async def test_a_position_is_compared_in_every_field(stores: StoreOpener, other: Position) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, []))

        with pytest.raises(PositionConflictError):
            await store.commit(other, Commit(MID_MARK, []))


@awaited
async def test_the_due_come_in_id_order_a_page_at_a_time(stores: StoreOpener) -> None:
    async with stores() as store:
        rows = [row(D, b"d", DAY), row(B, b"b", DAY - 5), row(A, b"a", DAY + 1), row(C, b"c", DAY)]
        await store.commit(START, Commit(FIRST, rows))

        assert list(await store.due(DAY, None, 2)) == [(B, b"b"), (C, b"c")]
        assert list(await store.due(DAY, C, 2)) == [(D, b"d")]
        assert list(await store.due(DAY, D, 2)) == []


@awaited
async def test_who_is_never_due_is_never_returned(stores: StoreOpener) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [row(A), row(B, due=-20_000)]))

        assert list(await store.due(99_999, None, 10)) == [(B, b"x")]


@awaited
async def test_the_standing_come_in_id_order_a_page_at_a_time(stores: StoreOpener) -> None:
    async with stores() as store:
        rows = [row(D, standing=True), row(B, b"b", standing=True), row(C), row(A, standing=True)]
        await store.commit(START, Commit(FIRST, rows))

        assert list(await store.standing(None, 2)) == [(A, b"x"), (B, b"b")]
        assert list(await store.standing(B, 2)) == [(D, b"x")]


@awaited
async def test_the_quarantined_come_in_id_order_and_outlive_a_restart(stores: StoreOpener) -> None:
    async with stores() as store:
        quarantined = [Quarantined(C, 4, "ValueError: c"), Quarantined(A, 5, "ValueError: a")]
        await store.commit(START, Commit(FIRST, [], quarantined))

    async with stores() as store:
        assert list(await store.quarantined()) == quarantined[::-1]


@awaited
async def test_the_first_reason_of_a_quarantine_stands(stores: StoreOpener) -> None:
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [], [Quarantined(A, 4, "first")]))
        await store.commit(FIRST, Commit(MID_MARK, [], [Quarantined(A, 9, "second")]))

        assert list(await store.quarantined()) == [Quarantined(A, 4, "first")]


@awaited
async def test_more_customers_than_a_query_takes_are_all_loaded(stores: StoreOpener) -> None:
    ids = [CustomerId(f"{number:08x}") for number in range(2_345)]
    async with stores() as store:
        await store.commit(START, Commit(FIRST, [row(customer_id) for customer_id in ids]))

        assert sorted(await store.load(ids)) == ids
        assert await store.load([]) == {}
