"""Records of the log as they stand in it, and the closed answers to an append."""

from typing import NamedTuple

import msgspec

from events import codec
from events.marks import Emission
from events.values import CustomerId


class NewFact(msgspec.Struct, frozen=True):
    """A fact that the door let pass: validated, resolved, stamped with its business day."""

    type: str
    customer_id: CustomerId
    source: str
    id: str
    time: int
    day: int
    data: bytes
    traceparent: str | None = None

    def claim(self) -> bytes:
        """Return the digest of (source, id), by which a second copy is told."""
        return codec.digest(self.source.encode(), self.id.encode())

    def body_digest(self) -> bytes:
        """Return the digest of what the sender said, by which another body is told."""
        return codec.digest(
            self.type.encode(), self.time.to_bytes(8, "big", signed=True), self.data
        )


class FactRecord(NamedTuple):
    """A record of ``crm.facts``: a fact, or a mark (then customer, source, id and day are None).

    ``traceparent`` is kept on Kafka only, and stands in no digest.
    """

    offset: int
    type: str
    customer_id: CustomerId | None
    source: str | None
    id: str | None
    time: int
    day: int | None
    appended: int
    data: bytes
    digest: bytes
    traceparent: str | None = None

    def computed_digest(self) -> bytes:
        """Return the digest that an untouched record has."""
        return codec.digest_of_fields(*self[:-2])


class ControlRecord(NamedTuple):
    """A record of ``crm.control``."""

    offset: int
    type: str
    appended: int
    data: bytes
    digest: bytes

    def computed_digest(self) -> bytes:
        """Return the digest that an untouched record has."""
        return codec.digest_of_fields(*self[:-1])


class Output(msgspec.Struct, frozen=True):
    """What a projection says, before it is published.

    ``sequence`` grows within (projection, source partition); see ``infra/stream/position.py``.
    ``account`` is whose task it is about, on ``crm.tasks`` only.
    """

    topic: str
    sequence: int
    type: str
    customer_id: CustomerId | None
    day: int | None
    emission: Emission
    data: bytes
    traceparent: str | None = None
    account: str | None = None


class OutputRecord(NamedTuple):
    """A record of a derived topic, as published."""

    offset: int
    topic: str
    projection: str
    partition: int
    sequence: int
    type: str
    customer_id: CustomerId | None
    day: int | None
    emission: str
    appended: int
    data: bytes

    @classmethod
    def of(
        cls, output: Output, offset: int, projection: str, partition: int, appended: int
    ) -> "OutputRecord":
        """Return the record that an output becomes at this offset of its topic."""
        return cls(
            offset,
            output.topic,
            projection,
            partition,
            output.sequence,
            output.type,
            output.customer_id,
            output.day,
            output.emission.value,
            appended,
            output.data,
        )


class DeadLetter(msgspec.Struct, frozen=True):
    """Something that could not become a fact: its bytes, why, where, and how to mend it.

    ``id`` is derived from source and bytes, so that the same letter is kept once.
    """

    id: str
    source: str
    reason: str
    detail: str
    place: str
    mend: str
    received: int
    body: bytes


class Appended(msgspec.Struct, frozen=True):
    """The fact stands in the log, durably."""

    offset: int


class Duplicate(msgspec.Struct, frozen=True):
    """The very same fact stood there already; nothing was written."""


class Conflict(msgspec.Struct, frozen=True):
    """Another body stands under the same (source, id); nothing was written."""


class Suspended(msgspec.Struct, frozen=True):
    """An import has the log for itself; nothing was written."""

    import_id: str


AppendOutcome = Appended | Duplicate | Conflict | Suspended
