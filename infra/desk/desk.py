"""The desk: one thread that takes signals in, carries out commands, offers what is queued, and tells."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import msgspec
from eventsourcing.persistence import Tracking

from domain.retention.commands import Moment, PeoplesCommand
from domain.retention.refusals import ChangedMeanwhile, Refusal
from events.desk import ManagerListed
from events.registry import UnknownEventTypeError
from events.signals import StandingEnded
from events.task_values import TaskId, WokenBy
from infra.desk.book import Book
from infra.desk.drain import drain
from infra.desk.drawing import draw
from infra.desk.heard import Heard, heard
from infra.desk.office import Office, Rules
from infra.desk.passes import make_pass
from infra.desk.port import DeskConflictError, DeskStore, Done
from infra.desk.signals import SignalDesk
from infra.desk.ticks import list_managers, pass_time, wake_for
from infra.desk.work import carry_out
from infra.log.records import OutputRecord
from infra.mendable import MendableError

T = TypeVar("T")

SIGNALS_A_TRANSACTION = 200
TRIES = 5
STANDING_ENDED = "crm.standing.ended.v1"


class DeskHaltedError(MendableError):
    """A signal cannot be taken in; all before it is. The message says which and why."""


class Commands(Protocol):
    """Carries out what people ask for."""

    async def now(self) -> Moment:
        """Return now, as the log has it."""
        ...

    async def execute(self, command: PeoplesCommand) -> Done | Refusal:
        """Return what was done, durably, or why nothing was. Raises `DeskUnavailableError`."""
        ...


class TaskDesk:
    """`Commands`, and what alerts need, on one store. Everything runs on one thread, in order."""

    def __init__(
        self,
        store: DeskStore,
        rules: Rules,
        now: Callable[[], Moment],
        partitions: int,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """``now`` is the log's; ``partitions`` is how many a pass waits for.

        ``told`` is called after each command that was carried out, on the caller's loop.
        """
        self._told = told
        self._store = store
        self._rules = rules
        self._now = now
        self._partitions = partitions
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")

    @property
    def store(self) -> DeskStore:
        """Return where it is kept."""
        return self._store

    def decide_by(self, rules: Rules) -> None:
        """Decide by other rules from now on."""
        self._rules = rules

    async def now(self) -> Moment:
        """Return now, as the log has it."""
        return self._now()

    async def execute(self, command: PeoplesCommand) -> Done | Refusal:
        """Carry out a command; where others keep changing the same, say so."""
        answered = await self._run(lambda: self._execute(command))
        if isinstance(answered, Done):
            self._told()
        return answered

    async def take(self, records: Sequence[OutputRecord]) -> None:
        """Decide on signals of one partition, in order, each exactly once.

        Raises:
            DeskHaltedError: one cannot be read, or its decision fails; all before it are taken.
            DeskUnavailableError: the store cannot write; nothing behind the last transaction stands.
        """
        await self._run(lambda: self._take(records))

    async def tick(self) -> int:
        """Let time pass: end offers, wake tasks, drain the queue; return how much changed."""
        return await self._run(self._tick)

    async def wake(self, task_id: TaskId, because: WokenBy) -> int:
        """Go on with a task that rests, for a reason that the desk found; 0 where it does not rest."""
        return await self._run(
            lambda: self._again(lambda office: wake_for(office, task_id, because))
        )

    async def list_managers(self, listed: Sequence[ManagerListed]) -> int:
        """Take in what the managers' file says; return how many managers it changes."""
        return await self._run(lambda: self._again(lambda office: list_managers(office, listed)))

    async def position(self, projection: str, partition: int) -> int:
        """Return the sequence of the last signal that was decided on, -1 before the first."""
        return await self._run(lambda: self._store.position(feed_of(projection, partition)))

    async def close(self) -> None:
        """Finish what is under way; let go of the thread and the store."""
        await asyncio.to_thread(self._thread.shutdown)
        self._store.close()

    async def run(self, work: Callable[[DeskStore], T]) -> T:
        """Run other work on the store, on the desk's thread."""
        return await self._run(lambda: work(self._store))

    def _execute(self, command: PeoplesCommand) -> Done | Refusal:
        for _ in range(TRIES):
            try:
                with self._store.turn():
                    office = self._office()
                    answer = carry_out(office, command)
                    if not isinstance(answer, Done):
                        return answer
                    office.book.write()
            except DeskConflictError:
                continue
            self._drain()
            return answer
        return ChangedMeanwhile(command.about.task_id)

    def _take(self, records: Sequence[OutputRecord]) -> None:
        for piece in _pieces(records):
            self._decide_on(piece)
        self._drain()

    def _decide_on(self, piece: Sequence[OutputRecord]) -> None:
        """Decide on signals in one transaction, with the position behind the last of them."""
        last = piece[-1]
        feed = feed_of(last.projection, last.partition)
        for _ in range(TRIES):
            error = None
            try:
                with self._store.turn():
                    taken = self._store.position(feed)
                    wanted = _above(piece, taken)
                    if wanted:
                        office = self._office()
                        done, error = _decided(office, wanted, self._partitions)
                        if done is not None:
                            office.book.write(Tracking(feed, done))
            except DeskConflictError:
                continue
            if error is not None:
                raise error
            return
        raise DeskHaltedError(
            f"the signals of {feed} up to {last.sequence} could not be decided on: others kept"
            " changing the same accounts; try again"
        )

    def _tick(self) -> int:
        changed = total = self._again(pass_time)
        while changed:
            changed = self._again(pass_time)
            total += changed
        return total + self._drain()

    def _drain(self) -> int:
        offered = total = self._again(drain)
        while offered:
            offered = self._again(drain)
            total += offered
        while drawn := self._again(draw):
            total += drawn
        return total

    def _again(self, work: Callable[[Office], int]) -> int:
        """Do work until nobody wrote in between."""
        for _ in range(TRIES):
            try:
                with self._store.turn():
                    office = self._office()
                    done = work(office)
                    office.book.write()
            except DeskConflictError:
                continue
            return done
        return 0

    def _office(self) -> Office:
        return Office(Book(self._store), self._rules, self._now())

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _above(records: Sequence[OutputRecord], taken: int) -> list[OutputRecord]:
    """Return what is new: a topic may have a signal more than once, each time with its sequence."""
    found = list[OutputRecord]()
    for record in records:
        if record.sequence > taken:
            taken = record.sequence
            found.append(record)
    return found


def feed_of(projection: str, partition: int) -> str:
    """Return the name under which the position in a partition of a projection's signals is kept."""
    return f"{projection}:{partition}"


def _decided(
    office: Office, records: Sequence[OutputRecord], partitions: int
) -> tuple[int | None, DeskHaltedError | None]:
    """Decide on signals; return the sequence of the last one decided on, and what stopped it."""
    desk, done = SignalDesk(office), None
    known, error = _read(records)
    placed = [each.signal for each in known if not isinstance(each.signal, StandingEnded)]
    office.book.foresee(
        {signal.placement.account for signal in placed}, {signal.customer_id for signal in placed}
    )
    for each in known:
        desk.take(each)
        if isinstance(each.signal, StandingEnded):
            due = office.book.passes(each.ref.projection).due(partitions)
            if due is not None:
                make_pass(office, each.ref.projection, due)
        done = each.ref.sequence
    return done, error


def _read(records: Sequence[OutputRecord]) -> tuple[list[Heard], DeskHaltedError | None]:
    """Return what records say, up to one that cannot be read."""
    known: list[Heard] = []
    for record in records:
        try:
            known.append(heard(record))
        except (msgspec.MsgspecError, UnknownEventTypeError, UnicodeDecodeError) as error:
            return known, _halted(record, error)
    return known, None


def _halted(record: OutputRecord, error: Exception) -> DeskHaltedError:
    return DeskHaltedError(
        f"the desk stands still at the signal with sequence {record.sequence} of"
        f" {feed_of(record.projection, record.partition)}: {error}; start a release that knows it"
    )


def _pieces(records: Sequence[OutputRecord]) -> Iterator[Sequence[OutputRecord]]:
    """Cut signals into transactions; the end of standings has its own, as a pass reads what stands."""
    piece: list[OutputRecord] = []
    for record in records:
        alone = record.type == STANDING_ENDED
        if piece and (alone or len(piece) == SIGNALS_A_TRANSACTION):
            yield piece
            piece = []
        piece.append(record)
        if alone:
            yield piece
            piece = []
    if piece:
        yield piece
