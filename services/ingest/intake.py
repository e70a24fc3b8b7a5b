"""The one way from an event that arrived to a durable fact, whichever transport brought it."""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from events import codec
from events.catalogue import REGISTRY
from events.envelope import CloudEvent
from events.registry import Role
from events.tracing import with_trace
from infra.clock import Clock
from infra.log.port import EventLog
from infra.log.records import (
    Appended,
    AppendOutcome,
    Conflict,
    DeadLetter,
    Duplicate,
    NewFact,
    Suspended,
)
from services.ingest.door import Door, Now, Refusal, RefusalReason
from services.ingest.tallies import ACCEPTED, DUPLICATE, LATE, UNNAMED_SOURCE, Tallies

SUSPENDED = "suspended"

BURIED = frozenset({RefusalReason.TOO_LATE})
"""A sender cannot mend these by sending again, so what it said is kept as a dead letter."""

CONFLICT = Refusal(
    RefusalReason.CONFLICT,
    "$.id",
    "another event stands under this source and id, and facts never change",
    "give a new event an id of its own; a correction is a new event",
)


class Unreadable(msgspec.Struct, frozen=True):
    """An event whose envelope could not be decoded, with as much of its name as could be read."""

    refusal: Refusal
    source: str = UNNAMED_SOURCE
    id: str = ""


Arrival = CloudEvent | Unreadable


class Refused(msgspec.Struct, frozen=True):
    """The event did not become a fact. ``dead_letter`` is the id under which it was kept, if so."""

    refusal: Refusal
    dead_letter: str | None = None


Result = Appended | Duplicate | Refused | Suspended


class Intake:
    """Lets events in through the door, and counts what became of them by source."""

    def __init__(
        self, log: EventLog, door: Door, clock: Clock, place: str = "POST /v1/events"
    ) -> None:
        """``place`` says in dead letters where they came in."""
        self._log = log
        self._door = door
        self._clock = clock
        self._place = place
        self._tallies = Tallies(log)

    async def submit(self, arrivals: Sequence[Arrival]) -> list[Result]:
        """Return, once they stand durably, what became of the events, in their order.

        While an import has the log, every result is `Suspended` and no event became a fact.

        Raises:
            LogUnavailableError: the log could not write, and none of the events became a fact.
        """
        suspended_by, now = self._standing()
        if suspended_by is not None:
            return [Suspended(suspended_by)] * len(arrivals)
        checked = [self._checked(arrival, now) for arrival in arrivals]
        facts = [entry for entry in checked if isinstance(entry, NewFact)]
        await self._bury(arrivals, checked)
        outcomes = await self._log.append(facts) if facts else ()
        for outcome in outcomes:
            if isinstance(outcome, Suspended):
                return [outcome] * len(arrivals)
        return self._results(arrivals, checked, outcomes, now)

    def count_refused(self, refusal: Refusal) -> None:
        """Count a request that was refused before any event could be read from it."""
        self._tallies.add(UNNAMED_SOURCE, refusal.reason)

    async def flush_counts(self) -> None:
        """Write the counts of the last moments. Raises ``LogUnavailableError``, losing none."""
        await self._tallies.flush()

    def _standing(self) -> tuple[str | None, Now]:
        head = self._log.head
        if head is None:
            raise LookupError("this log was never created")
        return head.suspended_by, self._door.now(head, self._clock.now())

    def _checked(self, arrival: Arrival, now: Now) -> NewFact | Refused:
        if isinstance(arrival, Unreadable):
            return Refused(arrival.refusal)
        admitted = self._door.admit(arrival, now)
        if isinstance(admitted, NewFact):
            return admitted
        if admitted.reason in BURIED:
            return Refused(admitted, dead_letter_id(arrival))
        return Refused(admitted)

    async def _bury(
        self, arrivals: Sequence[Arrival], checked: Sequence[NewFact | Refused]
    ) -> None:
        received = self._clock.now()
        letters = [
            DeadLetter(
                id=entry.dead_letter,
                source=arrival.source,
                reason=entry.refusal.reason,
                detail=entry.refusal.detail,
                place=self._place,
                mend=entry.refusal.mend,
                received=received,
                body=_letter_body(arrival),
            )
            for arrival, entry in zip(arrivals, checked, strict=True)
            if isinstance(arrival, CloudEvent)
            and isinstance(entry, Refused)
            and entry.dead_letter is not None
        ]
        if letters:
            await self._log.bury(letters)

    def _results(
        self,
        arrivals: Sequence[Arrival],
        checked: Sequence[NewFact | Refused],
        outcomes: Sequence[AppendOutcome],
        now: Now,
    ) -> list[Result]:
        remaining = iter(outcomes)
        results: list[Result] = []
        open_day = now.day
        for arrival, entry in zip(arrivals, checked, strict=True):
            result = entry if isinstance(entry, Refused) else _result_of(next(remaining))
            results.append(result)
            self._tallies.add(arrival.source, outcome_of(result))
            if isinstance(entry, NewFact) and isinstance(result, Appended):
                if is_late(entry, open_day):
                    self._tallies.add(arrival.source, LATE)
                open_day = entry.day if open_day is None else max(open_day, entry.day)
        return results


def is_late(fact: NewFact, open_day: int | None) -> bool:
    """Tell whether a fact is behaviour of a day before the open one."""
    if open_day is None or fact.day >= open_day:
        return False
    return REGISTRY.fact_type(fact.type).role is Role.BEHAVIOUR


def dead_letter_id(event: CloudEvent) -> str:
    """Return the id that the same event always gets: 32 hex digits over its source and bytes."""
    return codec.digest(event.source.encode(), _letter_body(event)).hex()


def _letter_body(event: CloudEvent) -> bytes:
    """Return what is kept of an event: sent again in another trace, it is the same."""
    return codec.encode(with_trace(event, None))


def _result_of(outcome: AppendOutcome) -> Result:
    return Refused(CONFLICT) if isinstance(outcome, Conflict) else outcome


def outcome_of(result: Result) -> str:
    """Return by which name a result is counted."""
    match result:
        case Appended():
            return ACCEPTED
        case Duplicate():
            return DUPLICATE
        case Refused(refusal=refusal):
            return refusal.reason
        case Suspended():
            return SUSPENDED
        case _ as never:
            assert_never(never)
