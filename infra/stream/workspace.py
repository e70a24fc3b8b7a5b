"""What a runner holds of one partition between two commits, and how records change it.

Synchronous, and without I/O but for the log line of a customer that is set aside: the runner loads what is missing, calls in here on the fold's thread,
and commits what `take` hands out.
"""

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

from domain.customer import state as states
from domain.customer.feeds import NO_FEEDS, Feeds
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from domain.detection.churn_score import Score
from domain.detection.day_model import DayModel
from events import codec
from events.calendar import date_of
from events.catalogue import REGISTRY, SNAPSHOTS
from events.marks import Emission
from events.registry import UnknownEventTypeError
from events.signals import StandingEnded
from events.snapshots import DayClosed
from events.values import CustomerId
from infra.log.records import FactRecord, Output
from infra.state.port import Commit, Position, Quarantined, StateRow
from infra.stream.recall import recall
from infra.stream.sequence import sequence

STATES_CACHED = 50_000

Rows = Sequence[tuple[CustomerId, bytes | None]]
"""Customers in id order with their states; None for a state that the workspace holds."""


class Workspace:
    """States, outputs and position of one partition, ahead of the last commit."""

    def __init__(
        self,
        fold: CustomerFold,
        position: Position,
        quarantined: Iterable[CustomerId],
        log: FilteringBoundLogger | None = None,
    ) -> None:
        """``log`` knows which partition this is."""
        self.position = position
        self._log = log or structlog.get_logger()
        self._fold = fold
        self._quarantined = set(quarantined)
        self._known: dict[CustomerId, CustomerState] = {}
        self._changed: dict[CustomerId, CustomerState] = {}
        self._outputs: list[Output] = []
        self._ordinal = position.outputs
        self._newly_quarantined: list[Quarantined] = []

    def __len__(self) -> int:
        """Return how many customers the next commit changes."""
        return len(self._changed)

    @property
    def quarantined(self) -> int:
        """How many customers are set aside."""
        return len(self._quarantined)

    @property
    def known(self) -> Container[CustomerId]:
        """The customers whose states are held."""
        return self._known

    def due_by_now(self, stored: Rows, day: int) -> Rows:
        """Return who is due on ``day`` where ``stored`` are all that were at the last commit."""
        changed = self._changed
        rows = dict.fromkeys(name for name, state in changed.items() if _is_due(state, day))
        rows |= {name: data for name, data in stored if name not in changed}
        return sorted(rows.items())

    def would_change(self, rows: Rows) -> int:
        """Return how many customers the next commit changes once these are stepped too."""
        return len(self._changed) + sum(name not in self._changed for name, _ in rows)

    def missing(self, records: Sequence[FactRecord]) -> list[CustomerId]:
        """Return the customers of these facts whose states must be loaded first."""
        wanted = {record.customer_id for record in records if record.customer_id is not None}
        return [customer_id for customer_id in wanted if customer_id not in self._known]

    def remember(self, rows: Mapping[CustomerId, bytes]) -> None:
        """Take loaded states in."""
        self._known.update((customer_id, states.decode(data)) for customer_id, data in rows.items())

    def fold_facts(self, records: Sequence[FactRecord]) -> None:
        """Fold facts, whose customers' states were taken in before.

        Raises:
            UnknownEventTypeError: a type that this release does not know. What came before it is
                folded and wants committing; the record itself is not passed.
        """
        for record in records:
            if record.type not in REGISTRY.facts:
                raise UnknownEventTypeError(record.type)
            self._begin(record)
            self._fold_fact(record)

    def open_day(self, mark: FactRecord, day: int) -> None:
        """Begin a day: from here on facts and steps are of this day."""
        if self.position.offset != mark.offset:
            self._begin(mark)
            self.position = msgspec.structs.replace(self.position, open_day=day)

    def score_by(self, model: DayModel) -> None:
        """From here on scores are given by this model."""
        self._fold = self._fold.under(model)

    def step_due(self, rows: Rows, day: int, feeds: Feeds = NO_FEEDS) -> None:
        """Step customers who are due, in id order."""
        done, taken_in = 0, self._taken_in(rows)
        for (customer_id, state), turn_score in zip(
            taken_in, self._turn_scores(taken_in, day), strict=True
        ):
            try:
                step = self._fold.due_day(customer_id, state, day, turn_score, feeds)
            except Exception as error:  # noqa: BLE001 - whatever it raised, this customer alone is set aside
                self._quarantine(customer_id, error)
                continue
            self._change(customer_id, step.state)
            self._say(customer_id, step.outputs)
            done += 1
        self._stepped(rows, done)

    def _turn_scores(
        self, taken_in: Sequence[tuple[CustomerId, CustomerState]], day: int
    ) -> Sequence[Score | None]:
        """Return the scores of a day's weekly turns, or none: then each customer is for itself."""
        try:
            return self._fold.turn_scores([state for _, state in taken_in], day)
        except Exception:  # noqa: BLE001 - whose figures raise is found, and set aside, one by one
            return [None] * len(taken_in)

    def close_day(self, mark: FactRecord, partition: int, day: int) -> None:
        """End the step into a day: all due customers are done."""
        self._say(None, (DayClosed(partition, date_of(day), self.position.stepped),))
        self._finish(mark)

    def emit(self, mark: FactRecord, emission: Emission) -> None:
        """From here on outputs are of this kind."""
        if self.position.offset != mark.offset:
            self._begin(mark)
            self.position = msgspec.structs.replace(self.position, emission=emission)

    def say_standings(self, rows: Rows) -> None:
        """Say what stands of these customers, in id order."""
        today = self.position.open_day
        if today is None:
            raise ValueError("nothing can stand before the first day")
        standing = self._taken_in(rows)
        count = 0
        for customer_id, state in standing:
            try:
                said = self._fold.standings(customer_id, state, today)
            except Exception as error:  # noqa: BLE001 - whatever it raised, this customer alone is set aside
                self._quarantine(customer_id, error)
                continue
            self._say(customer_id, said)
            count += len(said)
        self._stepped(rows, count)

    def end_standings(self, mark: FactRecord, partition: int) -> None:
        """End the standings of a partition that went live."""
        self._say(None, (StandingEnded(partition, self.position.stepped),))
        self._finish(mark)

    def pass_over(self, mark: FactRecord) -> None:
        """Pass a mark that is not meant for this projection, or asks for nothing."""
        self._begin(mark)

    def take(self) -> tuple[list[Output], Commit]:
        """Return what is to be published and then committed, and begin afresh."""
        position = msgspec.structs.replace(self.position, outputs=self._ordinal)
        rows = [
            StateRow(customer_id, states.encode(state), state.due_day(), state.has_standing())
            for customer_id, state in self._changed.items()
        ]
        outputs, quarantined = self._outputs, self._newly_quarantined
        self.position, self._outputs, self._newly_quarantined = position, [], []
        self._changed.clear()
        if len(self._known) > STATES_CACHED:
            self._known.clear()
        return outputs, Commit(position, rows, quarantined)

    def _fold_fact(self, record: FactRecord) -> None:
        customer_id, day, today = record.customer_id, record.day, self.position.open_day
        if customer_id is None or day is None or today is None:
            raise ValueError(f"offset {record.offset}: a fact without customer or open day")
        if customer_id in self._quarantined:
            return
        try:
            event = recall(record.type, record.data)
            step = self._fold.fact(customer_id, self._known.get(customer_id), event, day, today)
        except Exception as error:  # noqa: BLE001 - whatever it raised, this customer alone is set aside
            self._quarantine(customer_id, error, record.traceparent)
            return
        self._change(customer_id, step.state)
        if step.outputs:
            self._say(customer_id, step.outputs, record.traceparent)

    def _begin(self, record: FactRecord) -> None:
        self._ordinal = 0
        here = self.position
        self.position = Position(
            record.offset, None, 0, 0, here.open_day, here.emission, record.digest
        )

    def _finish(self, mark: FactRecord) -> None:
        self.position = msgspec.structs.replace(
            self.position, offset=mark.offset, last_customer=None, stepped=0
        )

    def _stepped(self, rows: Rows, done: int) -> None:
        self.position = msgspec.structs.replace(
            self.position, last_customer=rows[-1][0], stepped=self.position.stepped + done
        )

    def _taken_in(self, rows: Rows) -> list[tuple[CustomerId, CustomerState]]:
        return [
            (customer_id, self._known.get(customer_id) or _decoded(data))
            for customer_id, data in rows
            if customer_id not in self._quarantined
        ]

    def _change(self, customer_id: CustomerId, state: CustomerState) -> None:
        self._known[customer_id] = self._changed[customer_id] = state

    def _quarantine(
        self, customer_id: CustomerId, error: Exception, traceparent: str | None = None
    ) -> None:
        self._log.warning(
            "the fold raised, so this customer is set aside; everybody else goes on",
            customer=customer_id,
            offset=self.position.offset,
            kind=type(error).__name__,  # its words might quote what the fact says
            traceparent=traceparent,
        )
        self._quarantined.add(customer_id)
        said = f"{type(error).__name__}: {error}"
        self._newly_quarantined.append(Quarantined(customer_id, self.position.offset, said))

    def _say(
        self,
        customer_id: CustomerId | None,
        events: Iterable[msgspec.Struct],
        traceparent: str | None = None,
    ) -> None:
        position = self.position
        for event in events:
            name = REGISTRY.name_of(event)
            topic = REGISTRY.types[name].topics[0]
            number = sequence(position.offset, self._ordinal)
            self._ordinal += 1
            if position.emission is Emission.SILENT and topic != SNAPSHOTS:
                continue
            self._outputs.append(
                Output(
                    topic,
                    number,
                    name,
                    customer_id,
                    position.open_day,
                    position.emission,
                    codec.encode(event),
                    traceparent,
                )
            )


def _is_due(state: CustomerState, day: int) -> bool:
    due_day = state.due_day()
    return due_day is not None and due_day <= day


def _decoded(data: bytes | None) -> CustomerState:
    if data is None:
        raise ValueError("a store left out a state that is not held here")
    return states.decode(data)
