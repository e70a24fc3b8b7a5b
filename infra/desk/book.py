"""One piece of the desk's work: what it read, what it said, and at its end one transaction."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID, uuid5

from eventsourcing.persistence import StoredEvent, Tracking

from domain.retention.account import AccountDesk
from domain.retention.identities import (
    account_stream,
    judgement_stream,
    manager_stream,
    pass_stream,
)
from domain.retention.manager import Manager
from domain.retention.passes import Passes
from domain.retention.task import RetentionTask
from events import codec
from events.desk import STORED, AccountEvent, ManagerEvent, PassEvent
from events.judgements import SignalJudged, SignalRef, Verdict
from events.task_values import TaskId
from events.tasks import TaskEvent, TaskRaised
from events.values import CustomerId
from infra.desk import tables
from infra.desk.kept import DeskEvent, Kept, decode_kept, encode_kept, evolved, named
from infra.desk.port import DeskStore, Row, Statement, blob

FIRST, SECOND = 1, 2
"""The decision on a signal, and the one on a signal that waited in line, as versions of its stream."""


def stream_of(event: DeskEvent) -> UUID:
    """Return the stream that an event stands in. Each signal has one of its own for what is decided on it."""
    if isinstance(event, SignalJudged):
        ref = event.signal
        return decision_stream(event.account, ref.projection, ref.partition, ref.sequence)
    if isinstance(event, TaskEvent):
        return UUID(event.task.task_id)
    if isinstance(event, AccountEvent):
        return account_stream(event.account)
    if isinstance(event, ManagerEvent):
        return manager_stream(event.code)
    return pass_stream(event.projection)


def decision_stream(account: str, projection: str, partition: int, sequence: int) -> UUID:
    """Return the stream of what is decided on a signal: once, and once more where it waited in line."""
    return uuid5(judgement_stream(account), f"{projection}\0{partition}\0{sequence}")


class Book:
    """Reads what is kept, goes on with it event by event, and writes all of it at once."""

    def __init__(self, store: DeskStore) -> None:
        self._store = store
        self._known: dict[UUID, Kept | None] = {}
        self._changed: dict[UUID, Kept] = {}
        self._events: list[StoredEvent] = []
        self._judgements: list[Row] = []
        self._rows: list[Statement] = []
        self._managers: dict[str, Manager] | None = None
        self._homes: dict[CustomerId, str | None] = {}
        self._nobody_waits: bool | None = None
        self.left: set[SignalRef] = set()

    def foresee(self, accounts: Collection[str], customers: Collection[CustomerId]) -> None:
        """Read what a piece of work will ask for at once, instead of one after another."""
        streams = [
            stream for each in accounts if (stream := account_stream(each)) not in self._known
        ]
        self._known.update(dict.fromkeys(streams))
        for name, kind, state in self._rows_in(
            "SELECT stream, kind, state FROM desk_states WHERE stream IN", [*map(str, streams)]
        ):
            self._known[UUID(str(name))] = decode_kept(str(kind), blob(state))
        strangers = [each for each in customers if each not in self._homes]
        self._homes.update(dict.fromkeys(strangers))
        for customer_id, account in self._rows_in(
            "SELECT customer_id, account FROM desk_customers WHERE customer_id IN", strangers
        ):
            self._homes[CustomerId(str(customer_id))] = str(account)

    def _rows_in(self, sql: str, values: Sequence[str]) -> list[Row]:
        marks = ",".join("?" * len(values))
        return self._store.fetch(f"{sql} ({marks})", values) if values else []

    def task(self, task_id: TaskId) -> RetentionTask | None:
        """Return a task as it stands in this book."""
        found = self._kept(UUID(task_id))
        return found if isinstance(found, RetentionTask) else None

    def open_task(self, task_id: TaskId) -> RetentionTask:
        """Return a task that stands. Raises ``LookupError`` for another."""
        found = self.task(task_id)
        if found is None:
            raise LookupError(f"there is no task {task_id}")
        return found

    def account(self, account: str) -> AccountDesk:
        """Return an account's desk."""
        found = self._kept(account_stream(account))
        return found if isinstance(found, AccountDesk) else AccountDesk(account)

    def manager(self, code: str) -> Manager:
        """Return a manager, also one that the managers' file does not name."""
        return self.managers().get(code) or Manager(code)

    def managers(self) -> Mapping[str, Manager]:
        """Return every manager that was ever named."""
        if self._managers is None:
            rows = self._store.fetch("SELECT stream, state FROM desk_states WHERE kind = 'manager'")
            self._managers = {}
            for stream, state in rows:
                kept = decode_kept("manager", blob(state))
                if isinstance(kept, Manager):
                    self._known[UUID(str(stream))] = self._managers[kept.code] = kept
        return self._managers

    def passes(self, projection: str) -> Passes:
        """Return the barrier of a projection."""
        found = self._kept(pass_stream(projection))
        return found if isinstance(found, Passes) else Passes(projection)

    def home(self, customer_id: CustomerId) -> str | None:
        """Return the account that a customer was last heard of in; None for one who never was."""
        if customer_id not in self._homes:
            query = "SELECT account FROM desk_customers WHERE customer_id = ?"
            rows = self._store.fetch(query, (customer_id,))
            self._homes[customer_id] = str(rows[0][0]) if rows else None
        return self._homes[customer_id]

    def keep_home(self, customer_id: CustomerId, account: str) -> None:
        """Keep the account that a customer is in now."""
        if self.home(customer_id) != account:
            self._homes[customer_id] = account
            self.put(tables.PUT_CUSTOMER, (customer_id, account))

    def fetch(self, sql: str, *values: str | int) -> list[Row]:
        """Return rows as they were when this book was begun."""
        return self._store.fetch(sql, values)

    def nobody_waits(self) -> bool:
        """Tell whether the line was empty when it was first asked: most of the time it is."""
        if self._nobody_waits is None:
            self._nobody_waits = not self._store.fetch("SELECT 1 FROM desk_line LIMIT 1")
        return self._nobody_waits

    def say(self, event: TaskEvent | AccountEvent | ManagerEvent | PassEvent) -> None:
        """Take an event in; it stands once the book is written."""
        stream = stream_of(event)
        before = None if isinstance(event, TaskRaised) else self._kept(stream)
        after = evolved(before, event)
        if after is None:
            raise TypeError(f"nothing is kept of {type(event).__name__}")
        self._known[stream] = self._changed[stream] = after
        if isinstance(after, Manager) and self._managers is not None:
            self._managers[after.code] = after
        self._add(event, stream, after.version)

    def decide(self, judged: SignalJudged, *, again: bool = False) -> None:
        """Write down what is decided on a signal; ``again`` on one that waited in line."""
        turn = SECOND if again else FIRST
        self._judgements.append(judgement_row(judged, turn))
        self._add(judged, stream_of(judged), turn)

    def _add(self, event: DeskEvent, stream: UUID, version: int) -> None:
        name = STORED.name_of(event)
        self._events.append(StoredEvent(stream, version, name, codec.encode(event)))

    def put(self, sql: str, *rows: Row) -> None:
        """Write rows beside the events."""
        self._rows.append(Statement(sql, rows))

    def write(self, tracking: Tracking | None = None) -> bool:
        """Write everything in one transaction; return whether there was anything.

        Raises `DeskConflictError` and `DeskUnavailableError`; then nothing stands.
        """
        if not (self._events or self._rows or tracking):
            return False
        rows = [*self._rows, *_statements(self._changed, self._judgements)]
        self._store.append(self._events, rows, tracking)
        return True

    def _kept(self, stream: UUID) -> Kept | None:
        if stream not in self._known:
            rows = self._store.fetch(
                "SELECT kind, state FROM desk_states WHERE stream = ?", (str(stream),)
            )
            kept = decode_kept(str(rows[0][0]), blob(rows[0][1])) if rows else None
            self._known[stream] = kept
        return self._known[stream]


def _statements(changed: Mapping[UUID, Kept], judgements: list[Row]) -> list[Statement]:
    states: list[Row] = []
    task_rows: list[Row] = []
    customers: list[Row] = []
    for stream, kept in changed.items():
        kind, name = named(kept)
        states.append((str(stream), kind, name, kept.version, encode_kept(kept)))
        if isinstance(kept, RetentionTask):
            task_rows.append(task_row(kept))
            customers += [(customer_id, kept.task_id) for customer_id in kept.customers]
    found = (
        (tables.PUT_STATE, states),
        (tables.PUT_TASK, task_rows),
        (tables.PUT_TASK_CUSTOMER, customers),
        (tables.PUT_JUDGEMENT, judgements),
    )
    return [Statement(sql, rows) for sql, rows in found if rows]


def task_row(task: RetentionTask) -> Row:
    """Return the row of a task in ``desk_tasks``."""
    return (
        task.task_id,
        task.account,
        task.reason.value,
        task.state.value,
        task.manager,
        task.due_slot,
        task.priority.value,
        sum(part.stake for part in task.priority.parts),
        _text(task.offered_until),
        None if task.snoozed_until is None else task.snoozed_until.isoformat(),
        int(bool(task.wake_on)),
        task.version,
    )


def judgement_row(judged: SignalJudged, turn: int) -> Row:
    """Return the row of a decision in ``desk_judgements``: what it says stands in its event."""
    ref = judged.signal
    stopped = judged.verdict is Verdict.WITHHELD
    return (
        ref.projection,
        ref.partition,
        ref.sequence,
        turn,
        judged.customer_id,
        judged.account,
        judged.verdict.value,
        judged.gates[-1].gate.value if stopped else "",
    )


def _text(at: datetime.datetime | None) -> str | None:
    """Return a moment as text that sorts as moments do."""
    return None if at is None else at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
