"""The runner: owns one partition of one projection, whatever feeds it and wherever states are kept.

A batch is: fold, publish the outputs and wait until they stand, then commit states and position
together. A crash anywhere in between publishes the same outputs under the same sequences again.
Where the models of several days are decided, as after a loss of states, a batch may hold these days; a
learner that is waited for is always given the day before first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Protocol, Self, TypeVar

import msgspec
import structlog

from domain.customer.feeds import feeds_of
from domain.customer.fold import CustomerFold
from domain.detection.day_model import DayModel
from events.calendar import day_number
from events.catalogue import REGISTRY
from events.marks import DayOpened, Emission, Emitting
from events.registry import UnknownEventTypeError
from events.values import CustomerId
from infra.log.port import FactReader, OutputPublisher
from infra.log.records import FactRecord
from infra.state.port import Position, PositionConflictError, StateStore
from infra.stream.halting import HaltedError, ReplacedLogError
from infra.stream.models import DayModels, LearnerStoppedError, StartModels
from infra.stream.workspace import Rows, Workspace

T = TypeVar("T")


class RunnerLog(FactReader, OutputPublisher, Protocol):
    """What a runner needs of a log."""


class Limits(msgspec.Struct, frozen=True):
    """How much is read at once, and how many customers a commit may change."""

    records_a_read: int = 5000
    customers_a_commit: int = 2000


DEFAULT_LIMITS = Limits()
NEVER_LEARNING = StartModels()

logger = structlog.get_logger()


class Partition(msgspec.Struct, frozen=True):
    """Which partition of which projection."""

    projection: str
    number: int


def new_fold_thread() -> ThreadPoolExecutor:
    """Return a thread to fold on. Folding keeps a core busy, so a second one would gain nothing."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="fold")


class PartitionRunner:
    """Folds one partition forwards from its committed position."""

    def __init__(
        self,
        partition: Partition,
        fold: CustomerFold,
        log: RunnerLog,
        store: StateStore,
        limits: Limits = DEFAULT_LIMITS,
        models: DayModels = NEVER_LEARNING,
    ) -> None:
        self._partition = partition
        self._fold = fold
        self._log = log
        self._store = store
        self._limits = limits
        self._models = models
        self._committed = Position()
        self._workspace = Workspace(fold, Position(), ())
        self._broken_off = False
        self._own_thread = new_fold_thread()
        self._thread: Executor = self._own_thread

    def sharing(self, thread: Executor) -> Self:
        """Fold on a thread that other runners fold on too; whoever made it lets go of it."""
        self._thread = thread
        return self

    @property
    def position(self) -> Position:
        """Return the committed position."""
        return self._committed

    @property
    def quarantined(self) -> int:
        """Return how many customers are set aside."""
        return self._workspace.quarantined

    async def start(self) -> Self:
        """Take up the committed position.

        Raises:
            HaltedError: the model of the day that is open there is not to be had.
            ReplacedLogError: the record there is another one than it was, or is gone.
        """
        self._committed = position = await self._store.position()
        if position.offset >= 0:
            await self._check_log(position)
        quarantined = [entry.customer_id for entry in await self._store.quarantined()]
        place = {"partition": self._partition.number, "projection": self._partition.projection}
        self._workspace = Workspace(self._fold, position, quarantined, logger.bind(**place))
        if position.open_day is not None:
            self._workspace.score_by(await self._model_of(position.open_day, position.offset))
        self._broken_off = False
        return self

    async def advance(self) -> int:
        """Fold and commit what the log has next; return how many records that was, 0 at the end.

        Where an error broke it off, it begins at the committed position again: what was folded but
        not committed must not be folded twice.

        Raises:
            HaltedError: a record of an unknown type, or a day whose model cannot be decided; all
                before it is committed.
        """
        if self._broken_off:
            await self.start()
        self._broken_off = True
        under_way = self._committed.last_customer is not None
        after = self._committed.offset - under_way
        number, limit = self._partition.number, self._limits.records_a_read
        records = await self._log.read_facts(number, after, limit)
        for segment in self._segments(records):
            if segment[0].customer_id is None:
                await self._pass_mark(segment[0])
            else:
                await self._fold_facts(segment)
        await self._commit()
        self._broken_off = False
        return len(records)

    async def check_store(self) -> None:
        """Raise `PositionConflictError` where the store is not as the last commit left it.

        A commit would find that out, too; a partition without new facts has none.
        """
        found = await self._store.position()
        if found != self._committed:
            raise PositionConflictError(f"the store went back from {self._committed} to {found}")

    async def catch_up(self) -> int:
        """Advance until the log has no more; return how many records that was."""
        total = 0
        while passed := await self.advance():
            total += passed
        return total

    def close(self) -> None:
        """Let go of the fold's thread, where it is the runner's own."""
        self._own_thread.shutdown()

    def _segments(self, records: Sequence[FactRecord]) -> Iterator[list[FactRecord]]:
        segment: list[FactRecord] = []
        for record in records:
            full = len(segment) == self._limits.customers_a_commit
            if segment and (full or record.customer_id is None):
                yield segment
                segment = []
            if record.customer_id is None:
                yield [record]
            else:
                segment.append(record)
        if segment:
            yield segment

    async def _fold_facts(self, records: list[FactRecord]) -> None:
        if len(self._workspace) + len(records) > self._limits.customers_a_commit:
            await self._commit()
        missing = self._workspace.missing(records)
        if missing:
            self._workspace.remember(await self._store.load(missing))
        try:
            await self._folding(self._workspace.fold_facts, records)
        except UnknownEventTypeError as error:
            await self._commit()
            raise self._halted(self._committed.offset + 1, error) from error

    async def _pass_mark(self, mark: FactRecord) -> None:
        try:
            event = REGISTRY.decode(mark.type, mark.data)
        except UnknownEventTypeError as error:
            await self._commit()
            raise self._halted(mark.offset, error) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            await self._commit()
            why = f"this {mark.type} is damaged ({error}); restore the log from a backup"
            raise HaltedError(self._partition.number, mark.offset, why) from error
        match event:
            case DayOpened() as opened:
                await self._step_day(mark, opened)
            case Emitting(projection=name, emission=emission) if name == self._partition.projection:
                await self._commit()
                await self._emit(mark, emission)
            case Emitting():
                self._workspace.pass_over(mark)
            case _:
                await self._commit()
                raise self._halted(mark.offset, UnknownEventTypeError(mark.type))

    async def _step_day(self, mark: FactRecord, opened: DayOpened) -> None:
        day, feeds = day_number(opened.day), feeds_of(opened)
        model = self._models.decided(day)
        if model is None:
            await self._commit()  # whoever decides it may wait for the day before
            model = await self._model_of(day, mark.offset)
        due = await self._due_by_now(day)
        self._workspace.open_day(mark, day)
        self._workspace.score_by(model)
        await self._in_chunks(
            due,
            lambda after, limit: self._store.due(day, after, limit, self._workspace.known),
            lambda rows: self._workspace.step_due(rows, day, feeds),
        )
        self._workspace.close_day(mark, self._partition.number, day)

    async def _due_by_now(self, day: int) -> Rows:
        """Return the first chunk of who is due on a day, of the last commit and of what came since.

        Where that is too much for one commit, what came since is committed first.
        """
        workspace, limit = self._workspace, self._limits.customers_a_commit
        after = workspace.position.last_customer
        rows = await self._store.due(day, after, limit, workspace.known)
        together = workspace.due_by_now(rows, day) if workspace else rows
        if not workspace or (len(rows) < limit and workspace.would_change(together) <= limit):
            return together
        await self._commit()
        return await self._store.due(day, after, limit, workspace.known)

    async def _model_of(self, day: int, offset: int) -> DayModel:
        try:
            return await self._models.of(day)
        except LearnerStoppedError as error:
            raise HaltedError(self._partition.number, offset, str(error)) from error

    async def _emit(self, mark: FactRecord, emission: Emission) -> None:
        self._workspace.emit(mark, emission)
        if emission is Emission.LIVE:
            first = await self._store.standing(
                self._workspace.position.last_customer, self._limits.customers_a_commit
            )
            await self._in_chunks(first, self._store.standing, self._workspace.say_standings)
            self._workspace.end_standings(mark, self._partition.number)

    async def _in_chunks(
        self,
        rows: Rows,
        load: Callable[[CustomerId | None, int], Awaitable[Rows]],
        apply: Callable[[Rows], None],
    ) -> None:
        """Apply to all rows, in id order, committing the mark's progress between two chunks."""
        limit = self._limits.customers_a_commit
        while rows:
            await self._folding(apply, rows)
            if len(rows) < limit:
                return
            await self._commit()
            rows = await load(self._workspace.position.last_customer, limit)

    async def _commit(self) -> None:
        outputs, commit = self._workspace.take()
        if commit.position == self._committed:
            return
        if outputs:
            await self._log.publish(self._partition.projection, self._partition.number, outputs)
        await self._store.commit(self._committed, commit)
        self._committed = commit.position

    async def _folding(self, work: Callable[[T], None], argument: T) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, argument)

    async def _check_log(self, position: Position) -> None:
        found = await self._log.read_facts(self._partition.number, position.offset - 1, 1)
        if not found or found[0].digest != position.digest:
            raise ReplacedLogError(self._partition.number, position.offset)

    def _halted(self, offset: int, error: UnknownEventTypeError) -> HaltedError:
        why = f"{error}; start a release that knows it"
        return HaltedError(self._partition.number, offset, why)
