"""The buffer between what fetches a partition and what folds it."""

from infra.log.records import FactRecord
from infra.stream.partition_buffer import PartitionBuffer


def record(offset: int) -> FactRecord:
    return FactRecord(offset, "t", None, None, None, 0, None, 0, b"", b"")


def records(*offsets: int) -> list[FactRecord]:
    return [record(offset) for offset in offsets]


def held(buffer: PartitionBuffer, after: int, limit: int = 100) -> list[int]:
    return [found.offset for found in buffer.take(after, limit)]


def test_what_is_taken_stays_until_more_is_asked_for_than_it() -> None:
    buffer = PartitionBuffer()
    buffer.restart(0)
    buffer.add(records(0, 1, 2))

    assert held(buffer, -1, 2) == [0, 1]
    assert held(buffer, -1, 2) == [0, 1], "asked again, as after an error"
    assert held(buffer, 1) == [2]
    assert len(buffer) == 1


def test_gaps_of_transaction_markers_are_no_holes() -> None:
    buffer = PartitionBuffer()
    buffer.restart(0)
    buffer.add(records(0, 2))
    buffer.add(records(5))

    assert held(buffer, 0) == [2, 5]
    assert buffer.follows_on(2)
    assert held(buffer, 2) == [5]
    assert buffer.follows_on(5)


def test_before_it_is_told_where_to_begin_it_holds_nothing() -> None:
    buffer = PartitionBuffer()
    buffer.add(records(7))

    assert len(buffer) == 0
    assert not buffer.follows_on(6)


def test_what_was_let_go_of_or_never_fetched_does_not_follow_on() -> None:
    buffer = PartitionBuffer()
    buffer.restart(4)
    buffer.add(records(4, 5, 6))
    buffer.take(5, 10)

    assert not buffer.follows_on(3)
    assert not buffer.follows_on(7)
    assert [after for after in range(10) if buffer.follows_on(after)] == [5, 6]


def test_what_is_fetched_twice_is_held_once() -> None:
    buffer = PartitionBuffer()
    buffer.restart(0)
    buffer.add(records(0, 1))
    buffer.add(records(1, 2))

    assert held(buffer, -1) == [0, 1, 2]
