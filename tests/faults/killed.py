"""Runs `holdfast` in a process of its own that dies by SIGKILL at a chosen moment.

The product knows nothing of this: its functions are wrapped here, in that process only. The kill
comes at the ``passing``-th passing of ``point`` after log, or fold, have reached ``from_offset``.
"""

import asyncio
import inspect
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import msgspec

from domain.learning.course import Course
from events.marks import DayOpened
from infra.course.sqlite import SqliteCourseStore
from infra.log import sqlite_tables
from infra.log.records import Appended, ControlRecord, FactRecord
from infra.log.sqlite import SqliteLog
from infra.log.sqlite_tables import SqliteStorage
from infra.log.transaction import LogTransaction
from infra.sqlite import writer
from infra.state import sqlite as state_sqlite
from infra.state.port import Position, StateRow
from infra.state.sqlite import SqliteStateStore
from infra.stream.workspace import Workspace
from services.ingest.importing import build, run, second_pass
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_builder import SpoolBuilder


class Moment(msgspec.Struct, frozen=True):
    """When to die. ``facts_a_batch`` cuts an import into more transactions than it would have."""

    point: str
    from_offset: int = -1
    passing: int = 1
    facts_a_batch: int = 1_000


class Executioner:
    """Counts passings of one point, and ends the process."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._passed = 0
        self._one_at_a_time = threading.Lock()
        self.log_end = -1
        self.folded = -1

    def appending(self, *_: object) -> None:
        """A point of the writing side was passed."""
        self._pass(self.log_end)

    def folding(self, *_: object) -> None:
        """A point of the folding side was passed."""
        self._pass(self.folded)

    def _pass(self, reached: int) -> None:
        with self._one_at_a_time:
            if reached < self._moment.from_offset:
                return
            self._passed += 1
            if self._passed == self._moment.passing:
                os.kill(os.getpid(), signal.SIGKILL)


Visit = Callable[..., None]


def before(owner: object, name: str, visit: Visit) -> None:
    """Call ``visit`` with the arguments before each call of a function, plain or async."""
    original = getattr(owner, name)
    if inspect.iscoroutinefunction(original):

        async def waiting(*given: object, **named: object) -> object:
            visit(*given)
            return await original(*given, **named)

        setattr(owner, name, waiting)
        return

    def calling(*given: object, **named: object) -> object:
        visit(*given)
        return original(*given, **named)

    setattr(owner, name, calling)


def after(owner: object, name: str, visit: Visit) -> None:
    """Call ``visit`` with the arguments after each call of a function, plain or async."""
    original = getattr(owner, name)
    if inspect.iscoroutinefunction(original):

        async def waiting(*given: object, **named: object) -> object:
            answer = await original(*given, **named)
            visit(*given)
            return answer

        setattr(owner, name, waiting)
        return

    def calling(*given: object, **named: object) -> object:
        answer = original(*given, **named)
        visit(*given)
        return answer

    setattr(owner, name, calling)


def follow(executioner: Executioner) -> None:
    """Keep the executioner told of how far log and fold are, and the log near the fold.

    An import appends faster than the profiles fold. Here it waits until they are one batch behind
    it, so that moments of both sides lie spread over the whole of it.
    """
    committed = asyncio.Event()
    append = SqliteLog.append

    def grown(_storage: object, _partition: int, records: Sequence[FactRecord]) -> None:
        executioner.log_end = records[-1].offset

    def opened(log: SqliteLog, *_: object) -> None:
        executioner.log_end = sqlite_tables.last_offset(log._reader, "facts")

    def taken_up(_workspace: object, _fold: object, position: Position, *_: object) -> None:
        executioner.folded = position.offset

    def at(_workspace: object, record: FactRecord) -> None:
        executioner.folded = record.offset

    async def appending_in_step(log: SqliteLog, *given: object, **named: object) -> object:
        behind = executioner.log_end
        answer = await append(log, *given, **named)
        while executioner.folded < behind:
            committed.clear()
            await committed.wait()
        return answer

    after(SqliteLog, "__init__", opened)
    after(SqliteStorage, "add_facts", grown)
    before(Workspace, "__init__", taken_up)
    before(Workspace, "_begin", at)
    after(SqliteStateStore, "commit", lambda *_: committed.set())
    SqliteLog.append = appending_in_step  # type: ignore[method-assign]  # on purpose, here only


def at_answer(executioner: Executioner) -> None:
    """Die when facts are committed and their sender does not know it yet."""

    class AnswerFuture(Future[object]):
        def set_result(self, result: object) -> None:
            if isinstance(result, list) and any(isinstance(entry, Appended) for entry in result):
                executioner.appending()
            super().set_result(result)

    writer.Future = AnswerFuture  # type: ignore[misc]  # a class in place of another, on purpose


def at_day_opening(executioner: Executioner) -> None:
    """Die when a day stands in control and its marks do not stand in the partitions."""

    def opened(_transaction: object, *events: object) -> None:
        if any(isinstance(event, DayOpened) for event in events):
            executioner.appending()

    after(LogTransaction, "control", opened)


def at_day_written(executioner: Executioner) -> None:
    """Die when a day's records are written and not committed."""

    def written(_storage: object, records: Sequence[ControlRecord]) -> None:
        if any(record.type == "crm.day.opened.v2" for record in records):
            executioner.appending()

    after(SqliteStorage, "add_control", written)


def at_state_commit(executioner: Executioner) -> None:
    """Die inside the transaction that stores states, between the states and the position."""

    class Watched:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

        def executemany(self, query: str, rows: Iterable[StateRow]) -> object:
            answer = self._connection.executemany(query, rows)
            if "INTO states" in query:
                executioner.folding()
            return answer

    original = state_sqlite._commit
    state_sqlite._commit = lambda connection, *rest: original(Watched(connection), *rest)


WRITING: dict[str, tuple[Callable[..., None], object, str]] = {
    "log created": (after, SqliteLog, "create"),
    "projection created": (after, SqliteLog, "create_projection"),
    "lines spooled": (after, SpoolBuilder, "add_partials"),
    "spool sealed": (after, SpoolBuilder, "seal"),
    "spool built": (after, build, "build_spool"),
    "import beginning": (after, LogTransaction, "begin_import"),
    "import begun": (after, SqliteLog, "begin_import"),
    "claim": (after, SqliteStorage, "add_claims"),
    "append": (after, SqliteStorage, "add_facts"),
    "import progress": (before, Spool, "record"),
    "import progress recorded": (after, Spool, "record"),
    "letters buried": (after, run, "bury_all"),
    "import ending": (after, LogTransaction, "end_import"),
    "import ended": (before, run, "_keep"),
    "summary kept": (after, run, "_keep"),
}
FOLDING: dict[str, tuple[Callable[..., None], object, str]] = {
    "fold": (after, Workspace, "_fold_fact"),
    "day step": (after, Workspace, "step_due"),
    "publish": (before, SqliteLog, "publish"),
    "publishing": (after, sqlite_tables, "insert_outputs"),
    "published": (after, SqliteLog, "publish"),
    "state committed": (after, state_sqlite, "_commit"),
    "learn": (after, Course, "go_through"),
    "model deciding": (before, SqliteLog, "decide_model"),
    "model decided": (after, SqliteLog, "decide_model"),
    "course commit": (before, SqliteCourseStore, "_commit"),
    "course committed": (after, SqliteCourseStore, "_commit"),
}
OTHERS: dict[str, Callable[[Executioner], None]] = {
    "append unanswered": at_answer,
    "day opening": at_day_opening,
    "day written": at_day_written,
    "state commit": at_state_commit,
}


def prepare_to_die(moment: Moment) -> None:
    """Wrap what the moment names. To be called in a process of its own, which this ends."""
    second_pass.FACTS_A_BATCH = moment.facts_a_batch
    executioner = Executioner(moment)
    follow(executioner)
    if moment.point in OTHERS:
        OTHERS[moment.point](executioner)
    elif moment.point in WRITING:
        place, owner, name = WRITING[moment.point]
        place(owner, name, executioner.appending)
    else:
        place, owner, name = FOLDING[moment.point]
        place(owner, name, executioner.folding)
