"""Moments inside a role at which it dies: every await of what it commits by, and inside its transaction.

A coroutine is taken step by step, and each time that it waits is a moment. Which one is meant stands
in a file that any process of the role may find; the first that comes by takes it away and acts.
"""

import os
import signal
import socket
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import msgspec
from confluent_kafka import Producer
from eventsourcing.persistence import StoredEvent, Tracking

from infra.archive.postgres_feed import PostgresFeed
from infra.course.postgres import PostgresCourseStore
from infra.desk.port import Statement
from infra.desk.postgres import PostgresDesk
from infra.desk.relay import Relay
from infra.log.kafka import KafkaLog
from infra.log.kafka_transactions import TransactionalProducer
from infra.log.kafka_writer import KafkaWriter
from infra.stream.runner import PartitionRunner
from services.alerts.from_kafka.taking import Taking
from services.alerts.outcomes import Outcomes
from services.console.tasks.follower import Follower
from services.ingest.from_kafka.forwarding import Forwarding
from services.learning.app import Learning

SECONDS_TO_FLUSH = 5


class Act(StrEnum):
    """What happens at the moment."""

    DIE = "die"
    CUT = "cut"


class Moment(msgspec.Struct, frozen=True):
    """The ``passing``-th wait of a path, or its end where it waits less often."""

    path: str
    passing: int
    act: Act = Act.DIE


PATHS: dict[str, tuple[type, str]] = {
    "append": (KafkaWriter, "_transact"),
    "open a day": (KafkaWriter, "_write"),
    "take over": (KafkaWriter, "begin"),
    "commit": (PartitionRunner, "_commit"),
    "publish": (KafkaLog, "publish"),
    "take up": (PartitionRunner, "start"),
    "decide": (Learning, "_write"),
    "learned": (PostgresCourseStore, "commit"),
    "feed": (PostgresFeed, "write"),
    "forward": (Forwarding, "forward"),
    "take": (Taking, "_until_decided"),
    "relay": (Relay, "_publish"),
    "tell": (Outcomes, "_tell"),
    "follow": (Follower, "catch_up"),
}


class Watch:
    """Wraps what a role commits by, in its own process."""

    def __init__(self, file: Path, broker_port: int) -> None:
        self._file = file
        self._broker_port = broker_port

    def install(self) -> None:
        """Wrap every path."""
        for path, (owner, name) in PATHS.items():
            original = getattr(owner, name)
            setattr(owner, name, self._stepped(path, original))
        self._install_in_transaction()
        self._install_in_turn()

    def _stepped(
        self, path: str, original: Callable[..., Coroutine[object, object, object]]
    ) -> Callable[..., Awaitable[object]]:
        async def stepping(*given: object, **named: object) -> object:
            moment = self._armed(path)
            if moment is None or (path == "open a day" and not given[1].has_control):
                return await original(*given, **named)
            left = [moment.passing]

            def pass_one() -> None:
                left[0] -= 1
                if not left[0]:
                    self._act(moment)

            answer = await _in_steps(original(*given, **named), pass_one)
            if 0 < left[0] < moment.passing:
                self._act(moment)
            return answer

        return stepping

    def _install_in_transaction(self) -> None:
        commit = TransactionalProducer._commit

        def committing(producing: TransactionalProducer, producer: Producer) -> None:
            moment = self._armed("transaction")
            if moment is None:
                return commit(producing, producer)
            if moment.passing == 1:  # on its way to the brokers
                self._act(moment)
            producer.flush(SECONDS_TO_FLUSH)
            if moment.passing == 2:  # delivered, not committed
                self._act(moment)
            commit(producing, producer)
            if moment.passing >= 3:  # committed, not answered
                self._act(moment)
            return None

        TransactionalProducer._commit = committing  # type: ignore[method-assign]  # on purpose

    def _install_in_turn(self) -> None:
        """Moments of the desk's transaction; its thread dies with the process."""
        append, turn, wrote = PostgresDesk.append, PostgresDesk.turn, [False]

        def appending(
            desk: PostgresDesk,
            events: Sequence[StoredEvent],
            rows: Sequence[Statement],
            tracking: Tracking | None,
        ) -> None:
            moment = self._armed("turn") if events else None
            wrote[0] = bool(events)
            if moment is not None and moment.passing == 1:  # decided, not written
                self._act(moment)
            append(desk, events, rows, tracking)
            if moment is not None and moment.passing == 2:  # written, not committed
                self._act(moment)

        @contextmanager
        def turning(desk: PostgresDesk) -> Iterator[None]:
            wrote[0] = False
            with turn(desk):
                yield
            moment = self._armed("turn") if wrote[0] else None
            if moment is not None and moment.passing >= 3:  # committed, not acknowledged
                self._act(moment)

        PostgresDesk.append = appending  # type: ignore[method-assign]  # on purpose
        PostgresDesk.turn = turning  # type: ignore[method-assign,assignment]  # on purpose

    def _armed(self, path: str) -> Moment | None:
        try:
            moment = msgspec.json.decode(self._file.read_bytes(), type=Moment)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return moment if moment.path == path else None

    def _act(self, moment: Moment) -> None:
        with suppress(FileNotFoundError):
            self._file.rename(self._file.with_suffix(".done"))
            if moment.act is Act.DIE:
                os.kill(os.getpid(), signal.SIGKILL)
            cut_connections(self._broker_port)


def cut_connections(port: int) -> int:
    """Break off every connection of this process to a port of loopback; return how many."""
    found = 0
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(path.name))) as connection:
            if connection.family is socket.AF_INET and connection.getpeername()[1] == port:
                connection.shutdown(socket.SHUT_RDWR)
                found += 1
    assert found, f"nothing was connected to port {port}"
    return found


@types.coroutine
def _in_steps(
    coroutine: Coroutine[object, object, object], visit: Callable[[], None]
) -> Generator[object, object, object]:
    """Run a coroutine, calling ``visit`` each time it waits for something."""
    answer: object = None
    thrown: BaseException | None = None
    while True:
        try:
            waited = coroutine.send(answer) if thrown is None else coroutine.throw(thrown)
        except StopIteration as ended:
            return ended.value
        visit()
        answer = thrown = None
        try:
            answer = yield waited
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the coroutine's own
            thrown = error
