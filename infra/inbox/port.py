"""What a store of the inbox does, whatever keeps it, and what is asked of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from domain.retention.task import RetentionTask, TaskState
from events.signals import SignalReason
from events.task_values import TaskId
from events.tasks import TaskEvent
from events.values import CustomerId
from infra.log.records import OutputRecord
from infra.mendable import MendableError

Value = str | int | bytes | None
Row = tuple[Value, ...]


ALL_OF_TICK = "~"
"""Behind every task's id."""


class Bucket(StrEnum):
    """Where a row stands: among what wants work now, what rests, or what is over."""

    ACTIVE = "active"
    SNOOZED = "snoozed"
    CLOSED = "closed"


def bucket_of(task: RetentionTask) -> Bucket:
    """Return where a task stands."""
    if not task.is_open:
        return Bucket.CLOSED
    return Bucket.SNOOZED if task.state is TaskState.SNOOZED else Bucket.ACTIVE


class Cursor(NamedTuple):
    """Due slot, value and id of the last row of a page: the next page begins behind it."""

    due_slot: int
    value: int
    task_id: str


class InboxQuery(msgspec.Struct, frozen=True):
    """Which rows. ``search`` is how a label, an account, a customer's or the task's id begins."""

    bucket: Bucket = Bucket.ACTIVE
    state: TaskState | None = None
    manager: str | None = None
    reason: SignalReason | None = None
    search: str = ""
    after: Cursor | None = None
    limit: int = 50


class InboxRow(msgspec.Struct, frozen=True):
    """A task with what it is called here.

    ``changed`` and ``entered`` are the ticks at which it last changed, and last came to its manager
    and bucket: whoever looked at an earlier tick has not seen it there.
    """

    task: RetentionTask
    label: str
    changed: int
    entered: int


class InboxPage(msgspec.Struct, frozen=True):
    """Rows by due date within four working hours, then by value, as of a tick."""

    rows: tuple[InboxRow, ...]
    next: Cursor | None
    tick: int


class InboxCount(NamedTuple):
    """How many tasks a manager has in a state; the empty manager stands for nobody."""

    manager: str
    state: TaskState
    number: int


class Seen(NamedTuple):
    """Up to which change somebody has looked: all of its tick where ``task_id`` is `ALL_OF_TICK`."""

    tick: int
    task_id: str = ALL_OF_TICK


class Way(NamedTuple):
    """From where to where partitions of the topic were read: the last position taken of each."""

    since: Mapping[int, int] = {}
    to: Mapping[int, int] = {}


class TasksRead(NamedTuple):
    """Records, of one partition in order, and the position of the last one of each partition."""

    records: Sequence[OutputRecord]
    to: Mapping[int, int]


class InboxGapError(MendableError):
    """An event of a task came before the one that it follows."""

    def __init__(self, task_id: str, version: int, told: int, anew: str) -> None:
        super().__init__(
            f"task {task_id} is at version {version} here, and crm.tasks goes on with {told}: {anew}"
        )


class InboxMovedError(Exception):
    """Somebody else took in what was read here, or made the inbox anew: read on from where it is."""


class Database(Protocol):
    """Runs SQL with question marks, one caller at a time. ``anew`` says how all of it is made anew."""

    anew: str

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """A transaction, alone among all who write here: what is read in it stays so until its end."""
        ...

    def run(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Run statements, each with rows of values, while `writing`."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Inbox(Protocol):
    """Keeps tasks as `crm.tasks` tells them, and never an older version over a newer one."""

    async def apply(
        self, events: Sequence[TaskEvent], way: Way, labels: Mapping[CustomerId, str]
    ) -> int:
        """Take events in, in order; those that are known already change nothing. Return the tick.

        ``way`` is where they were read, ``labels`` what customers of new tasks are called. Raises
        `InboxMovedError` where the way no longer begins at what was taken last, and `InboxGapError`;
        nothing of the call stands then.
        """
        ...

    async def nameless(self, limit: int) -> Sequence[InboxRow]:
        """Return tasks of which it was not known what their customer is called."""
        ...

    async def name(self, labels: Mapping[TaskId, str]) -> None:
        """Keep what the customers of nameless tasks are called."""
        ...

    async def put(self, task: RetentionTask) -> None:
        """Keep what a command made of a task at once, unless something newer stands."""
        ...

    async def positions(self) -> Mapping[int, int]:
        """Return the last position that was taken of each partition."""
        ...

    async def page(self, query: InboxQuery) -> InboxPage:
        """Return a page of rows."""
        ...

    async def news(self, query: InboxQuery, since: int) -> int:
        """Return how many rows of a query came there after a tick."""
        ...

    async def changed(self, since: Seen, limit: int) -> Sequence[InboxRow]:
        """Return rows that changed after what was seen last, the first changed first."""
        ...

    async def row(self, task_id: TaskId) -> InboxRow | None:
        """Return a task."""
        ...

    async def of_customer(self, customer_id: CustomerId) -> Sequence[InboxRow]:
        """Return every task that a customer ever stood behind, the newest first."""
        ...

    async def counts(self) -> Sequence[InboxCount]:
        """Return how many tasks there are of each manager in each state."""
        ...

    async def tick(self) -> int:
        """Return the tick of the last change."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...
