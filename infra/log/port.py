"""What a log does for the rest of the product. Implemented by `sqlite.py`, `kafka.py` and `memory.py`."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from events.control import (
    ClockMode,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from infra.log.head import LogHead
from infra.log.records import (
    AppendOutcome,
    ControlRecord,
    DeadLetter,
    FactRecord,
    NewFact,
    Output,
    OutputRecord,
)
from infra.log.transaction import SeenDay
from infra.mendable import MendableError

Tallies = Mapping[tuple[str, str], int]
"""How often something happened, by (source, what), such as ("shop", "duplicate")."""

NO_TALLIES: Tallies = {}


class LogUnavailableError(MendableError):
    """The log could not write: disk full, file locked or corrupt. Nothing of the batch stands."""


class FactReader(Protocol):
    """Reads one partition of ``crm.facts`` forwards."""

    async def read_facts(self, partition: int, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records whose offset is above ``after``, in order."""
        ...

    async def end_offset(self, partition: int) -> int:
        """Return the offset of the last record, -1 for an empty partition."""
        ...


class Claims(Protocol):
    """Tells which facts stand already."""

    async def claimed(self, claims: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """Return the body digest of each claim that stands; see `NewFact.claim`."""
        ...


class OutputPublisher(Protocol):
    """Publishes what a projection says."""

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        """Return when the outputs stand durably; a sequence that stands already is left alone."""
        ...


class OutputReader(Protocol):
    """Reads what a projection said, forwards."""

    partitions: int

    async def read_outputs(
        self, topic: str, projection: str, partition: int, after: int, limit: int
    ) -> Sequence[OutputRecord]:
        """Return up to ``limit`` records whose sequence is above ``after``, in order."""
        ...


class ModelDecider(Protocol):
    """Writes down by which models projections score."""

    async def decide_model(self, decided: ModelDecided) -> None:
        """Write a decision durably; where one stands for that projection and day, that one does."""
        ...


class EventLog(FactReader, Claims, OutputPublisher, OutputReader, ModelDecider, Protocol):
    """The whole log: facts, control, outputs, dead letters."""

    partitions: int

    @property
    def head(self) -> LogHead | None:
        """Where the log stands, as last committed; None before `create`."""
        ...

    async def create(self, identity: LogCreated, clock_mode: ClockMode) -> None:
        """Write the first records. Raises ``FileExistsError`` where the log was created before."""
        ...

    async def create_projection(self, created: ProjectionCreated) -> None:
        """Write a projection's first record and how it emits: as history while an import goes on."""
        ...

    async def switch_projection(self, projection: str) -> None:
        """Let a rebuilt projection take over by a live mark in every partition.

        Doing it again changes nothing. Raises `ImportUnderWayError` while an import has the log.
        """
        ...

    async def append(
        self, facts: Sequence[NewFact], import_id: str | None = None, done: int | None = None
    ) -> Sequence[AppendOutcome]:
        """Append facts and return when they stand durably, one outcome a fact, in order.

        An import passes its id, and in ``done`` how many of its facts are behind it with these;
        both are committed together. Facts outside an import, or of another one than has the log,
        are `Suspended` while it does.

        Raises `ImportNotUnderWayError` for the facts of an import while none has the log.
        """
        ...

    async def advance(self, up_to: int) -> None:
        """Open every day up to this one, in one transaction."""
        ...

    async def set_clock_mode(self, mode: ClockMode) -> None:
        """Change what "now" means."""
        ...

    async def schedule(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day, in place of what it had declared before.

        Declaring the same again changes nothing.

        Raises:
            ServiceTakenError: one of the services is another source's.
            ImportUnderWayError: an import has the log.
        """
        ...

    async def begin_import(self, import_id: str, facts: int, seen: SeenDay | None = None) -> int:
        """Take the log for an import; return how many of its facts are done (0 for a new one).

        ``seen`` is the open day by which its facts were judged to be too late or not. The one that
        was open when an import began stands in `LogHead.hold` until it ends.

        Raises:
            ImportUnderWayError: another import has the log.
            OpenDayMovedError: an import would begin, and another day is open than was seen.
        """
        ...

    async def end_import(
        self, import_id: str, *, finished: bool, tallies: Tallies = NO_TALLIES
    ) -> None:
        """Give the log back, and count what came of the import, in one transaction.

        Once it is given back, doing it again changes nothing. An import that was carried through
        once stays in `LogHead.finished_imports`.

        Raises `ImportUnderWayError` where another import has it.
        """
        ...

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters durably; one that is kept already is left alone."""
        ...

    async def count(self, tallies: Tallies) -> None:
        """Add to the counters of (source, what), such as ("shop", "duplicate")."""
        ...

    async def control_records(self) -> Sequence[ControlRecord]:
        """Return all control records in order."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of files and threads."""
        ...


def head_of(log: EventLog) -> LogHead:
    """Return the head of a log that was created. Raises ``LookupError`` for another."""
    if log.head is None:
        raise LookupError("this log was never created")
    return log.head
