"""The rows of a spool."""

from collections.abc import Sequence
from typing import NamedTuple

from infra.log.records import NewFact

ROW = -1
"""Stands for the kind of fact where a row became none."""


class SpooledFact(NamedTuple):
    """A fact that the door let pass; ``lines`` are the sequences of its lines, 8 bytes each."""

    time: int
    kind: int
    sequence: int
    customer: str
    id: str
    day: int
    data: bytes
    lines: bytes

    @classmethod
    def of(cls, fact: NewFact, kind: int, sequence: int, lines: bytes) -> "SpooledFact":
        """Return the row of a fact."""
        when = (fact.time, kind, sequence)
        return cls(*when, fact.customer_id, fact.id, fact.day, fact.data, lines)


class DeadRow(NamedTuple):
    """What became no fact: a row (kind `ROW`, its bytes) or a refused fact (as a CloudEvent)."""

    sequence: int
    kind: int
    reason: str
    detail: str
    mend: str
    lines: bytes
    body: bytes


def sequences_in(lines: bytes) -> Sequence[int]:
    """Return the sequences that a fact's ``lines`` hold."""
    return memoryview(lines).cast("Q")
