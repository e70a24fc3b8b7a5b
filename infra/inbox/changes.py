"""What a transaction changes in the inbox: rows that move on, and the counters that follow them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from domain.retention.task import RetentionTask, evolve
from events.tasks import TaskEvent, TaskRaised
from events.values import CustomerId
from infra.inbox import tables
from infra.inbox.port import (
    Database,
    InboxGapError,
    InboxMovedError,
    InboxRow,
    Row,
    Way,
    bucket_of,
)

_encode = msgspec.msgpack.encode
_decoder = msgspec.msgpack.Decoder(RetentionTask)


def read_row(row: Row) -> InboxRow:
    """Return a row of the table. Raises ``TypeError`` for another."""
    data, label, changed, entered = row
    if not isinstance(data, bytes) or not isinstance(changed, int) or not isinstance(entered, int):
        raise TypeError("this is no row of the inbox")
    task = _decoder.decode(data)
    return InboxRow(task, str(label or task.account), changed, entered)


def positions_in(database: Database) -> dict[int, int]:
    """Return the last position that was taken of each partition."""
    rows = database.fetch("SELECT partition_number, sequence FROM console_positions")
    return {int(partition or 0): int(position or 0) for partition, position in rows}


class Changes:
    """Collects them, reading rows as they stand, until all are written at once.

    While one is at work the database is `writing`. Without a label a row is nameless.
    """

    def __init__(self, database: Database, tick: int, labels: Mapping[CustomerId, str]) -> None:
        self._database = database
        self._tick = tick
        self._labels = labels
        self._before: dict[str, InboxRow | None] = {}
        self._rows: dict[str, InboxRow] = {}
        self._positions: dict[int, int] = {}

    def take(self, event: TaskEvent) -> None:
        """Let an event change its task; one that is known already changes nothing.

        Raises `InboxGapError` where an event between is missing.
        """
        step = event.task
        known = self._row(step.task_id)
        version = 0 if known is None else known.task.version
        if step.version == version + 1:
            label = known.label if known is not None else self._label_of(event)
            self._keep(evolve(None if known is None else known.task, event), label)
        elif step.version > version + 1:
            raise InboxGapError(step.task_id, version, step.version, self._database.anew)

    def go(self, way: Way) -> None:
        """Keep how far the topic was read. Raises `InboxMovedError` where it was not read from here on."""
        taken = positions_in(self._database)
        if any(taken.get(partition) != way.since.get(partition) for partition in way.to):
            raise InboxMovedError
        self._positions.update(way.to)

    def keep(self, task: RetentionTask) -> None:
        """Keep a task as a command left it; one that is not known here comes with its events."""
        known = self._row(task.task_id)
        if known is not None and task.version > known.task.version:
            self._keep(task, known.label)

    @property
    def is_any(self) -> bool:
        """Whether a row changes."""
        return bool(self._rows)

    def statements(self) -> list[tuple[str, Sequence[Row]]]:
        """Return what is to be run."""
        rows = list(self._rows.values())
        customers = [
            (customer, row.task.task_id) for row in rows for customer in row.task.customers
        ]
        found: list[tuple[str, Sequence[Row]]] = [
            (tables.PUT_TASK, [_columns(row) for row in rows]),
            (tables.PUT_CUSTOMER, customers),
            (tables.ADD_COUNT, self._counts()),
            (tables.PUT_POSITION, list(self._positions.items())),
            (tables.PUT_TICK, [(self._tick,)] if rows else []),
        ]
        return [statement for statement in found if statement[1]]

    def _keep(self, task: RetentionTask, label: str) -> None:
        known = self._row(task.task_id)
        stays = known is not None and _place(known.task) == _place(task)
        entered = known.entered if known is not None and stays else self._tick
        self._rows[task.task_id] = InboxRow(task, label, self._tick, entered)

    def _row(self, task_id: str) -> InboxRow | None:
        if task_id in self._rows:
            return self._rows[task_id]
        if task_id not in self._before:
            found = self._database.fetch(f"{tables.ROW} WHERE task_id = ?", (task_id,))
            self._before[task_id] = read_row(found[0]) if found else None
        return self._before[task_id]

    def _label_of(self, event: TaskEvent) -> str:
        if not isinstance(event, TaskRaised):
            return ""
        return self._labels.get(event.evidence.customer_id, "")

    def _counts(self) -> list[Row]:
        moved: Counter[tuple[str, str]] = Counter()
        for task_id, row in self._rows.items():
            before = self._before[task_id]
            if before is not None:
                moved[_counted(before.task)] -= 1
            moved[_counted(row.task)] += 1
        return [(manager, state, number) for (manager, state), number in moved.items() if number]


def _place(task: RetentionTask) -> tuple[str | None, str]:
    return task.manager, bucket_of(task).value


def _counted(task: RetentionTask) -> tuple[str, str]:
    return task.manager or "", task.state.value


def _columns(row: InboxRow) -> Row:
    task = row.task
    return (
        task.task_id,
        task.account,
        row.label,
        task.reason.value,
        bucket_of(task).value,
        task.state.value,
        task.manager or "",
        task.due_slot,
        -task.priority.value,
        task.version,
        row.changed,
        row.entered,
        None if task.snoozed_until is None else task.snoozed_until.isoformat(),
        _encode(task),
    )
