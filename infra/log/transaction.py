"""What one transaction on the log may do, written once for every backend.

A backend supplies `LogStorage`, a handful of plain inserts and look-ups; everything that has a rule
in it (claims, day openings, marks in every partition, suspension by an import) stands here.
"""

from collections.abc import Sequence

import msgspec

from events import codec
from events.calendar import date_of, day_number
from events.catalogue import REGISTRY
from events.control import (
    ClockMode,
    ClockModeSet,
    ImportEnded,
    ImportStarted,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from events.marks import DayOpened, Emission, Emitting
from infra.log.arrivals import Arrivals
from infra.log.feeds import check_schedule
from infra.log.head import ControlEvent, LogHead, evolve
from infra.log.holds import ImportNotUnderWayError, ImportUnderWayError, OpenDayMovedError
from infra.log.partitioning import partition_of
from infra.log.records import (
    Appended,
    AppendOutcome,
    Conflict,
    ControlRecord,
    Duplicate,
    FactRecord,
    NewFact,
    Suspended,
)
from infra.log.storage import LogStorage

HISTORY_BEYOND_DAYS = 7
"""Opening more days than this at once is catching up with history, not living through it."""


class SeenDay(msgspec.Struct, frozen=True):
    """The open day by which an import looked for facts that are too late; None for no day."""

    day: int | None


class LogTransaction:
    """Collects the records of one transaction, then flushes them in one go."""

    def __init__(self, storage: LogStorage, head: LogHead | None, now: int) -> None:
        self.head = head
        self._storage = storage
        self._now = now
        self._facts: list[list[FactRecord]] = [[] for _ in range(storage.partitions)]
        self._control: list[ControlRecord] = []
        self._claims: dict[bytes, bytes] = {}
        self._done: dict[str, int] = {}
        self._arrivals = Arrivals(storage)

    @property
    def suspended_by(self) -> str | None:
        """Return the import that has the log."""
        return self._created_head().suspended_by

    def control(self, *events: ControlEvent) -> None:
        """Add records to ``crm.control`` and fold them into the head."""
        for event in events:
            offset = self._storage.next_control_offset() + len(self._control)
            data = codec.encode(event)
            fields = (offset, REGISTRY.name_of(event), self._now, data)
            self._control.append(ControlRecord(*fields, codec.digest_of_fields(*fields)))
            self.head = evolve(self.head, event)

    def mark(self, event: DayOpened | Emitting) -> None:
        """Add a control record and the same mark in every facts partition."""
        self.control(event)
        name, data = REGISTRY.name_of(event), codec.encode(event)
        for partition in range(self._storage.partitions):
            self._record(partition, name, (None, None, None), (self._now, None), data)

    def open_days(self, up_to: int) -> None:
        """Open every day after the open one, none skipped; the first ever opened is ``up_to``."""
        head = self._created_head()
        first = up_to if head.open_day is None else head.open_day + 1
        for day in range(first, up_to + 1):
            self.mark(DayOpened(date_of(day), self._arrivals.closed(self._created_head(), day)))

    def advance(self, up_to: int) -> None:
        """Open days outside an import; more than seven at once are history.

        Raises `ImportUnderWayError` while an import has the log.
        """
        head = self._created_head()
        if head.suspended_by is not None:
            raise ImportUnderWayError(head.suspended_by)
        behind = 0 if head.open_day is None else up_to - head.open_day
        if behind > HISTORY_BEYOND_DAYS:
            self.emit(Emission.HISTORY)
        learning = head.learning_without_delay()
        if behind == 1 and learning is not None:
            # who lives from day to day waits for no model: what was not decided stays as it was
            self.decide_model(ModelDecided(learning, date_of(up_to)))
        self.open_days(up_to)
        if behind > HISTORY_BEYOND_DAYS:
            self.emit(Emission.LIVE)

    def decide_model(self, decided: ModelDecided) -> None:
        """Add the decision for a projection and day, where none stands: the first one does."""
        up_to = self._created_head().decided_up_to(decided.projection)
        if up_to is None or day_number(decided.day) > up_to:
            self.control(decided)

    def emit(self, emission: Emission) -> None:
        """Mark that the standing projection emits so from here on, where it does not yet."""
        head = self._created_head()
        if head.standing is not None and head.emissions[head.standing] is not emission:
            self.mark(Emitting(head.standing, emission))

    def create_projection(self, created: ProjectionCreated) -> None:
        """Add a projection's first record.

        The first projection of a log emits live from here on, history during an import; a later one
        is a rebuild, silent until `switch`.
        """
        self.control(created)
        self.let_speak()

    def let_speak(self) -> None:
        """Mark that the log's first projection emits, where one was created and none does yet."""
        head = self._created_head()
        if head.standing is None and head.projections:
            emission = Emission.LIVE if head.suspended_by is None else Emission.HISTORY
            self.mark(Emitting(next(iter(head.projections)), emission))

    def switch(self, projection: str) -> None:
        """Let a rebuilt projection speak for the log from here on, and its predecessor be silent.

        Doing it again changes nothing. Raises `ImportUnderWayError` while an import has the log.
        """
        head = self._created_head()
        if head.standing == projection:
            return
        if head.suspended_by is not None:
            raise ImportUnderWayError(head.suspended_by)
        if head.standing is not None:
            self.mark(Emitting(head.standing, Emission.SILENT))
        self.mark(Emitting(projection, Emission.LIVE))

    def set_clock_mode(self, mode: ClockMode) -> None:
        """Change what "now" means, where it does not mean that yet.

        Raises `ImportUnderWayError` while an import has the log.
        """
        head = self._created_head()
        if head.suspended_by is not None:
            raise ImportUnderWayError(head.suspended_by)
        if head.clock_mode is not mode:
            self.control(ClockModeSet(mode))

    def schedule(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day, where it is not so yet.

        Raises:
            ServiceTakenError: one of the services is another source's.
            ImportUnderWayError: an import has the log.
        """
        head = self._created_head()
        if head.suspended_by is not None:
            raise ImportUnderWayError(head.suspended_by)
        check_schedule(head.feeds, scheduled)
        if evolve(head, scheduled).feeds != head.feeds:
            self.control(scheduled)

    def begin_import(self, import_id: str, facts: int, seen: SeenDay | None) -> int:
        """Take the log for an import, and return how many of its facts are done: 0 for a new one.

        Into a log without a day it sets the clock to the log. Taking up an import that was broken
        off writes nothing.

        Raises:
            ImportUnderWayError: another one has the log.
            OpenDayMovedError: ``seen`` is not, or no longer, the open day.
        """
        head = self._created_head()
        if head.suspended_by == import_id:
            return self._storage.import_done(import_id)
        if head.suspended_by is not None:
            raise ImportUnderWayError(head.suspended_by)
        if seen is not None and seen.day != head.open_day:
            raise OpenDayMovedError(seen.day, head.open_day)
        if head.open_day is None:
            self.set_clock_mode(ClockMode.LOG)
        baseline = None if head.open_day is None else date_of(head.open_day)
        self.control(ImportStarted(import_id, facts, baseline))
        self.emit(Emission.HISTORY)
        return self._storage.import_done(import_id)

    def end_import(self, import_id: str, *, finished: bool) -> None:
        """Give the log back; what follows is live again. Begun anew, an import counts from 0.

        Raises `ImportUnderWayError` where another one has it.
        """
        if self.suspended_by not in {None, import_id}:
            raise ImportUnderWayError(str(self.suspended_by))
        if self.suspended_by is None:
            return
        self.emit(Emission.LIVE)
        self.control(ImportEnded(import_id, finished))
        self._done[import_id] = 0

    def append(
        self, facts: Sequence[NewFact], import_id: str | None, done: int | None = None
    ) -> list[AppendOutcome]:
        """Add facts that no one claimed yet, opening a day before the first fact of it.

        With the facts of an import it is kept how many of them are ``done`` by now.

        Raises `ImportNotUnderWayError` for an import that does not have the log, nor any other.
        """
        suspended_by = self._created_head().suspended_by
        if suspended_by is None and import_id is not None:
            raise ImportNotUnderWayError(import_id)
        if suspended_by is not None and suspended_by != import_id:
            return [Suspended(suspended_by)] * len(facts)
        if import_id is not None and done is not None:
            self._done[import_id] = done
        claims = [fact.claim() for fact in facts]
        known = self._storage.claimed(claims)
        return [
            self._append_one(fact, claim, known) for fact, claim in zip(facts, claims, strict=True)
        ]

    def flush(self) -> None:
        """Hand everything collected to the storage."""
        if self._claims:
            self._storage.add_claims(list(self._claims.items()))
        for partition, records in enumerate(self._facts):
            if records:
                self._storage.add_facts(partition, records)
        if self._control:
            self._storage.add_control(self._control)
        for import_id, done in self._done.items():
            self._storage.set_import_done(import_id, done)
        self._arrivals.flush()

    def _append_one(self, fact: NewFact, claim: bytes, known: dict[bytes, bytes]) -> AppendOutcome:
        body = fact.body_digest()
        standing = known.get(claim) or self._claims.get(claim)
        if standing is not None:
            return Duplicate() if standing == body else Conflict()
        self._open_day_of(fact)
        self._claims[claim] = body
        self._arrivals.note(fact, self._created_head().feeds)
        partition = partition_of(fact.customer_id, self._storage.partitions)
        names, when = (fact.customer_id, fact.source, fact.id), (fact.time, fact.day)
        told = (fact.data, fact.traceparent)
        return Appended(self._record(partition, fact.type, names, when, *told))

    def _open_day_of(self, fact: NewFact) -> None:
        head = self._created_head()
        if head.open_day is not None and head.open_day >= fact.day:
            return
        if head.suspended_by is None:
            self.advance(fact.day)
        else:
            self.open_days(fact.day)  # an import is history from its first fact to its last

    def _record(
        self,
        partition: int,
        type_name: str,
        names: tuple[str | None, str | None, str | None],
        when: tuple[int, int | None],
        data: bytes,
        traceparent: str | None = None,
    ) -> int:
        pending = self._facts[partition]
        offset = self._storage.next_offset(partition) + len(pending)
        fields = (offset, type_name, *names, *when, self._now, data)
        pending.append(FactRecord(*fields, codec.digest_of_fields(*fields), traceparent))  # type: ignore[arg-type]  # CustomerId is a str
        return offset

    def _created_head(self) -> LogHead:
        if self.head is None:
            raise LookupError("this log was never created")
        return self.head


def create(
    storage: LogStorage, identity: LogCreated, clock_mode: ClockMode, now: int
) -> LogTransaction:
    """Begin an empty log: who it is and what "now" means in it."""
    transaction = LogTransaction(storage, None, now)
    transaction.control(identity, ClockModeSet(clock_mode))
    return transaction
