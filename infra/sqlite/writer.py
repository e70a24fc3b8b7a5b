"""One thread that writes to one SQLite file, and lets many callers share each commit.

While a commit waits for the disk, further jobs queue up; the next transaction takes them all. A job
runs inside a savepoint, so that one that fails takes nothing else with it.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

State = TypeVar("State")
Result = TypeVar("Result")

JOBS_A_COMMIT = 512

FAULTS_OF_A_JOB = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
"""What SQLite says of a wrong statement; all other errors of it are about the file."""


@dataclass(frozen=True)
class _Pending(Generic[State]):
    run: Callable[[sqlite3.Connection, State], tuple[State, object]]
    done: "Future[Any]"  # each job has its own result type; `submit` gives it back


class GroupCommitWriter(Generic[State]):
    """Runs jobs on a connection, carrying along an immutable state that commits with them.

    A job takes (connection, state) and returns (new state, result). It may raise: then its own
    writes are undone, and its caller gets the error.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        state: State,
        unavailable: Callable[[sqlite3.Error], Exception],
    ) -> None:
        """``unavailable`` makes the error that callers get when SQLite itself fails."""
        self._connection = connection
        self._unavailable = unavailable
        self._queue: SimpleQueue[_Pending[State] | None] = SimpleQueue()
        self.state = state
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
        self._thread.start()

    async def submit(
        self, job: Callable[[sqlite3.Connection, State], tuple[State, Result]]
    ) -> Result:
        """Run a job and return its result once it is committed.

        Raises what ``unavailable`` makes where the writer is closed, or SQLite fails.
        """
        done: Future[Result] = Future()
        with self._closing:
            if self._closed:
                raise self._unavailable(sqlite3.ProgrammingError("closed"))
            self._queue.put(_Pending(job, done))
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Finish what is queued, then close the connection. Later jobs are refused."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < JOBS_A_COMMIT and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                group.append(following)
            self._commit(group)

    def _commit(self, group: list[_Pending[State]]) -> None:
        state = self.state
        answers: list[tuple[_Pending[State], object, Exception | None]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for pending in group:
                state, result, error = self._run(pending, state)
                answers.append((pending, result, error))
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            answers = [(pending, None, self._unavailable(error)) for pending in group]
        else:
            self.state = state
        for pending, result, failure in answers:
            done = pending.done
            if not done.set_running_or_notify_cancel():
                continue
            if failure is None:
                done.set_result(result)
            else:
                done.set_exception(failure)

    def _run(
        self, pending: _Pending[State], state: State
    ) -> tuple[State, object, Exception | None]:
        self._connection.execute("SAVEPOINT job")
        try:
            changed, result = pending.run(self._connection, state)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, FAULTS_OF_A_JOB):
                raise  # disk full, locked, corrupt: no job of this group can be committed
            self._connection.execute("ROLLBACK TO job")
            return state, None, error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("RELEASE job")
        return changed, result, None

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # the next group says what is wrong, if it still is
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
