"""What people ask about tasks: the inbox, a task with its history, and why a customer has none."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from domain.detection.churn import RAISE_AT
from domain.retention.task import RetentionTask, TaskState
from events.figures import ChurnFigures
from events.judgements import SignalJudged
from events.profiles import CustomerCard, StandingSignal
from events.values import CustomerId, CustomerRef
from infra.desk.postgres_snapshot import PostgresDeskSnapshot
from infra.desk.reading import DeskCounts, DeskReader, InboxQuery, InLine, TaskRecord, Waiting
from infra.desk.sqlite import SqliteDeskFile
from infra.folder import DataFolder
from infra.mendable import MendableError
from services.ops.cards import CardView, NoCard, NotFoldedYet, card_now
from services.ops.customers import ref_of
from services.ops.place import Cluster, Place
from services.ops.reading import Reading

JUDGEMENTS_SHOWN = 5


class NoDeskError(MendableError):
    """There is no desk where it was looked for."""


class InboxRow(msgspec.Struct, frozen=True):
    """A task, and how the first customer behind it is named by its source."""

    customer: CustomerRef
    task: RetentionTask


class InboxView(msgspec.Struct, frozen=True):
    """Tasks in the order to work on them; ``more`` says whether there are others behind these."""

    rows: tuple[InboxRow, ...]
    more: bool
    counts: DeskCounts
    waiting: Waiting


class TaskView(msgspec.Struct, frozen=True):
    """A task with all that happened to it."""

    customer: CustomerRef
    task: RetentionTask
    history: tuple[TaskRecord, ...]


class NoTask(msgspec.Struct, frozen=True, tag="no-task"):
    """No task's id begins so, or more than one does."""

    text: str


class ScoreGate(msgspec.Struct, frozen=True):
    """What stands before every gate: a risk is raised at so many log-odds."""

    log_odds: float
    needed: float = RAISE_AT


class WhyView(msgspec.Struct, frozen=True):
    """Why a customer has the tasks that it has, or none.

    ``judgements`` are the last decisions on its signals, the newest first. Without any, ``signals``
    and ``score`` say how it stands: no signal was ever raised of it. ``in_line`` is for which reasons it
    waits until a manager has less than the opening limit.
    """

    customer: CustomerRef
    customer_id: CustomerId
    tasks: tuple[RetentionTask, ...]
    judgements: tuple[SignalJudged, ...]
    in_line: tuple[InLine, ...]
    signals: tuple[StandingSignal, ...]
    score: ScoreGate | None
    currency: str


@asynccontextmanager
async def open_desk(place: Place) -> AsyncIterator[DeskReader]:
    """Open the desk of a place for reading; takes no lock.

    Raises `NoDeskError` where there is none, and `StoreError` or `DeskUnavailableError` where it
    cannot be used.
    """
    queries = await asyncio.to_thread(_queries, place)
    reader = DeskReader(queries)
    try:
        yield reader
    finally:
        reader.close()
        queries.close()


def _queries(place: Place) -> SqliteDeskFile | PostgresDeskSnapshot:
    if not isinstance(place, DataFolder):
        return _snapshot(place)
    if not place.desk.exists():
        raise NoDeskError(f"{place.desk} does not exist yet; `holdfast serve` makes it")
    return SqliteDeskFile(place.desk)


def _snapshot(place: Cluster) -> PostgresDeskSnapshot:
    found = PostgresDeskSnapshot(place.postgres)
    try:
        if not found.exists:
            raise NoDeskError(
                f"there is no desk in {place.postgres.url}, schema {place.postgres.db_schema}, yet;"
                " `holdfast alerts` makes it"
            )
    except BaseException:
        found.close()
        raise
    return found


async def inbox(reading: Reading, desk: DeskReader, query: InboxQuery) -> InboxView:
    """Return a page of tasks with the names of the customers behind them."""
    page = await desk.inbox(query)
    rows = [InboxRow(await _name(reading, task), task) for task in page.tasks]
    return InboxView(tuple(rows), page.next is not None, await desk.counts(), await desk.waiting())


async def task_view(reading: Reading, desk: DeskReader, text: str) -> TaskView | NoTask:
    """Return the task whose id is, or begins with, ``text``."""
    found = await desk.beginning_with(text.strip().lower()) if text.strip() else ()
    if len(found) != 1:
        return NoTask(text)
    task = found[0]
    history = tuple(await desk.history(task.task_id))
    return TaskView(await _name(reading, task), task, history)


async def why(
    reading: Reading, desk: DeskReader, customer_id: CustomerId
) -> WhyView | NoCard | NotFoldedYet:
    """Return what was decided on a customer's signals, and how it stands where nothing was."""
    view = await card_now(reading, customer_id)
    if not isinstance(view, CardView):
        return view
    tasks = await desk.of_customer(customer_id)
    return WhyView(
        customer=view.customer,
        customer_id=customer_id,
        tasks=tuple(task for task in tasks if task.state is not TaskState.CLOSED),
        judgements=_told(await desk.judgements(customer_id, JUDGEMENTS_SHOWN)),
        in_line=tuple(await desk.waiting_in_line(customer_id)),
        signals=view.card.signals,
        score=_score(view.card),
        currency=reading.fold.currency,
    )


def _told(judgements: Sequence[SignalJudged]) -> tuple[SignalJudged, ...]:
    """Return the decisions that are about tasks; where a customer stands is none."""
    return tuple(each for each in judgements if each.reason is not None)


def _score(card: CustomerCard) -> ScoreGate | None:
    return ScoreGate(card.churn.log_odds) if isinstance(card.churn, ChurnFigures) else None


async def _name(reading: Reading, task: RetentionTask) -> CustomerRef:
    first = await reading.archive.first_fact(task.customers[0])
    if first is None:
        return CustomerRef("unknown", task.customers[0])
    return ref_of(first.type, first.data)
