"""Where a backup ends a partition: after the marks of control, before the first that is none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.backup.kafka_cut import FactsCut, Mark, MarksDifferError, marks_of
from infra.log.kafka_records import Consumed
from infra.log.records import ControlRecord

DAY, EMITTING = "crm.day.opened.v2", "crm.emitting.v1"


def mark(number: int) -> Mark:
    return (DAY, b"day %d" % number)


def record(offset: int, standing: Mark | None) -> Consumed:
    """A mark, or a fact."""
    if standing is None:
        return Consumed("crm.facts", 0, offset, 0, b"anna", b"fact", [])
    headers = [("ce_type", standing[0].encode())]
    return Consumed("crm.facts", 0, offset, 0, None, standing[1], headers)


def partition_of(kinds: list[bool]) -> list[Consumed]:
    """A mark where it is true; offsets have gaps, as markers leave them."""
    numbers = iter(range(len(kinds)))
    return [
        record(2 * offset, mark(next(numbers)) if is_mark else None)
        for offset, is_mark in enumerate(kinds)
    ]


def taken(cut: FactsCut, records: list[Consumed], at_once: int) -> list[Consumed]:
    """What passes of a partition that is fetched so many records at once."""
    found: list[Consumed] = []
    for start in range(0, len(records), at_once):
        some = records[start : start + at_once]
        found += cut.take(some, some[-1].offset + 2)
        if cut.is_done:
            return found
    found += cut.take([], 2 * len(records))
    return found


@given(st.lists(st.booleans(), max_size=30), st.data(), st.integers(1, 7))
def test_a_partition_ends_behind_the_cut_and_before_the_next_mark(
    kinds: list[bool], data: st.DataObject, at_once: int
) -> None:
    records, marks = partition_of(kinds), sum(kinds)
    named = data.draw(st.integers(0, marks))
    end = 2 * data.draw(st.integers(0, len(kinds)))
    cut = FactsCut(0, end, [mark(number) for number in range(named)])

    found = taken(cut, records, at_once)

    assert cut.is_done
    assert found == records[: len(found)]
    assert sum(one.key is None for one in found) == named
    left = records[len(found) :]
    must = [one for one in left if one.offset < end]
    assert not must or next(one.key is None for one in left), "only a mark ends it before its end"


def test_it_is_not_done_while_a_mark_is_still_to_come() -> None:
    cut = FactsCut(0, 2, [mark(0), mark(1)])

    cut.take(partition_of([True, False]), 4)

    assert (cut.is_done, cut.missing) == (False, 1)


@pytest.mark.parametrize("standing", [mark(7), (EMITTING, mark(0)[1])])
def test_a_mark_that_control_does_not_have_there_is_told(standing: Mark) -> None:
    cut = FactsCut(3, 2, [mark(0)])

    with pytest.raises(MarksDifferError, match="partition 3 offset 0: the mark there"):
        cut.take([record(0, standing)], 2)


def test_marks_are_told_from_what_stands_in_control_alone_in_every_version() -> None:
    types = ("crm.log.created.v1", "crm.day.opened.v1", DAY, "crm.model.decided.v1", EMITTING)
    control = [
        ControlRecord(offset, name, 0, name.encode(), b"") for offset, name in enumerate(types)
    ]

    assert [name for name, _ in marks_of(control)] == ["crm.day.opened.v1", DAY, EMITTING]
