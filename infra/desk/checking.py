"""Is everything that the desk keeps what its events fold to? And one digest of all that it decided."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.retention.account import AccountDesk
from domain.retention.manager import Manager
from domain.retention.priority import parts_of, rests_on_its_score, value_of
from domain.retention.task import RetentionTask
from events import codec
from events.desk import PUBLISHED_NAMES, STORED
from events.judgements import Gate, SignalJudged, SignalKind, Verdict
from events.registry import UnknownEventTypeError
from infra.desk.book import FIRST, SECOND, judgement_row, task_row
from infra.desk.kept import DeskEvent, Kept, encode_kept, evolved
from infra.desk.port import DeskQueries, Row, Value, blob

ROWS_A_READ = 1000
Signal = tuple[int, int]
"""A signal of a projection: its partition and its sequence."""

Found = Callable[[str, str], None]
"""Takes what a difference is about, and how it differs."""

_EVENTS = """SELECT originator_id, originator_version, topic, state FROM stored_events
WHERE originator_id > ? ORDER BY originator_id, originator_version LIMIT ?"""
_OF_STREAM = """SELECT originator_id, originator_version, topic, state FROM stored_events
WHERE originator_id = ? AND originator_version > ? ORDER BY originator_version LIMIT ?"""
_TASK = """SELECT task_id, account, reason, state, manager, due_slot, value, stake, offered_until,
snoozed_until, waits, version FROM desk_tasks WHERE task_id = ?"""
_JUDGEMENT = """SELECT projection, partition, sequence, turn, customer_id, account, verdict, gate
FROM desk_judgements WHERE projection = ? AND partition = ? AND sequence = ? AND turn = ?"""
_LINE = "SELECT projection, partition, sequence FROM desk_line"
_IN_THE_DIGEST = frozenset({SignalKind.RAISED, SignalKind.STANDING})


class Checked(NamedTuple):
    """How much was checked."""

    events: int
    tasks: int
    decisions: int
    digest: str


class DeskCheck:
    """One pass over the store, which must not change meanwhile."""

    def __init__(self, queries: DeskQueries, found: Found) -> None:
        self._queries = queries
        self._found = found
        self._events = self._decisions = 0
        self._waiting: set[Row] = set()
        self._lines: list[bytes] = []
        self._open_by_manager: dict[str, set[str]] = {}
        self._open_by_account: dict[str, set[str]] = {}
        self._managers: dict[str, frozenset[str]] = {}
        self._accounts: dict[str, frozenset[str]] = {}

    def run(self) -> Checked:
        """Fold every stream anew and compare; then hold managers and accounts to the open tasks."""
        tasks = streams = 0
        for stream, rows in _streams(self._queries):
            try:
                kept = self._folded(stream, rows)
            except (ValueError, TypeError, LookupError, msgspec.MsgspecError) as error:
                self._found(f"stream {stream}", f"cannot be folded: {error}")
                continue
            tasks += isinstance(kept, RetentionTask)
            streams += kept is not None
        self._check_rows_without_events(streams)
        self._compare("manager", self._managers, self._open_by_manager)
        self._compare("account", self._accounts, self._open_by_account)
        self._check_line()
        return Checked(self._events, tasks, self._decisions, self._digest())

    def _folded(self, stream: str, rows: list[Row]) -> Kept | None:
        kept: Kept | None = None
        for place, (_, version, name, data) in enumerate(rows, 1):
            self._events += 1
            if version != place:
                self._found(f"stream {stream}", f"version {version!r} stands at place {place}")
                return None
            event = STORED.decode(str(name), blob(data))
            if isinstance(event, SignalJudged):
                self._check_judgement(event, place)
                continue
            if not isinstance(event, DeskEvent):
                raise UnknownEventTypeError(str(name))
            kept = evolved(kept, event)
        if kept is not None:
            self._check_kept(stream, kept)
        return kept

    def _check_kept(self, stream: str, kept: Kept) -> None:
        query = "SELECT state FROM desk_states WHERE stream = ?"
        stored = self._queries.fetch(query, (str(UUID(stream)),))
        if [blob(row[0]) for row in stored] != [encode_kept(kept)]:
            self._found(f"stream {stream}", "its state is not what its events fold to")
        match kept:
            case RetentionTask():
                self._check_task(kept)
            case Manager(code=code, tasks=tasks):
                self._managers[code] = frozenset(tasks)
            case AccountDesk(account=account):
                open_tasks = (kept.open_task(reason) for reason in kept.reasons)
                self._accounts[account] = frozenset(each for each in open_tasks if each is not None)
            case _:
                pass

    def _check_task(self, task: RetentionTask) -> None:
        if self._queries.fetch(_TASK, (task.task_id,)) != [task_row(task)]:
            self._found(f"task {task.task_id}", "its row is not what its events fold to")
        if value_of(task.priority) != task.priority.value:
            self._found(f"task {task.task_id}", "the parts of its priority do not add up")
        if task.priority.parts != parts_of(task.standing):
            self._found(f"task {task.task_id}", "its priority is not that of what stands behind it")
        if not all(map(rests_on_its_score, task.standing)):
            self._found(f"task {task.task_id}", "a probability is not what its score says")
        if task.is_open:
            self._open_by_account.setdefault(task.account, set()).add(task.task_id)
            if task.manager is not None:
                self._open_by_manager.setdefault(task.manager, set()).add(task.task_id)

    def _check_judgement(self, judged: SignalJudged, turn: int) -> None:
        self._decisions += 1
        ref, row = judged.signal, judgement_row(judged, turn)
        if self._queries.fetch(_JUDGEMENT, row[:4]) != [row]:
            self._found(f"signal {ref.projection} {ref.sequence}", "its decision's row differs")
        limited = bool(judged.gates) and judged.gates[-1].gate is Gate.OPENING_LIMIT
        if turn == FIRST and limited and judged.verdict is Verdict.WITHHELD:
            self._waiting.add(row[:3])
        if turn == FIRST and judged.kind in _IN_THE_DIGEST:
            self._lines.append(_digest_line(judged))
        if turn == SECOND and row[:3] in self._waiting:
            self._waiting.discard(row[:3])
        elif turn != FIRST:
            self._found(f"signal {ref.projection} {ref.sequence}", "it is decided on twice")

    def _check_line(self) -> None:
        """Who waits in line is who was withheld for the opening limit, and not decided on again."""
        for row in sorted(set(self._queries.fetch(_LINE)) ^ self._waiting, key=str):
            self._found(
                f"signal {row[0]!s} {row[2]!s}",
                "it waits in line, or does not, against its decisions",
            )

    def _digest(self) -> str:
        """Return 64 hexadecimal digits over (account, customer, reason, day, admitted or which gate).

        It is the same however signals came and whoever worked on tasks: equal facts, equal digest. So
        the first decision counts: when the turn of somebody comes who waits in line is up to people.
        """
        return sha256(b"".join(sorted(self._lines))).hexdigest()

    def _check_rows_without_events(self, streams: int) -> None:
        for table, expected in (("desk_judgements", self._decisions), ("desk_states", streams)):
            ((count,),) = self._queries.fetch(f"SELECT count(*) FROM {table}")
            if count != expected:
                self._found(table, f"{count!r} rows, and {expected} that events tell of")

    def _compare(
        self, what: str, kept: dict[str, frozenset[str]], counted: dict[str, set[str]]
    ) -> None:
        for name in sorted({*kept, *counted}):
            if kept.get(name, frozenset()) != counted.get(name, set()):
                self._found(f"{what} {name}", "its tasks are not those that are open for it")


def _digest_line(judged: SignalJudged) -> bytes:
    withheld = judged.verdict is Verdict.WITHHELD
    what = judged.gates[-1].gate.value if withheld else "admitted"
    named = (judged.account, judged.customer_id, judged.reason, judged.service)
    return codec.digest_of_fields(*map(_text, named), str(judged.day), judged.kind, what)


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _streams(queries: DeskQueries) -> Iterator[tuple[str, list[Row]]]:
    """Iterate over streams with all their events, in the order of their ids."""
    after = "0" * 32  # below every id
    while rows := queries.fetch(_EVENTS, (after, ROWS_A_READ)):
        streams: dict[str, list[Row]] = {}
        for row in rows:
            streams.setdefault(str(row[0]), []).append(row)
        for stream, events in streams.items():
            last = stream == str(rows[-1][0])
            yield stream, _whole(queries, stream, events) if last else events
        after = str(rows[-1][0])


def _whole(queries: DeskQueries, stream: str, events: list[Row]) -> list[Row]:
    """Return a stream with the events that the read was too short for."""
    while more := queries.fetch(_OF_STREAM, (stream, events[-1][1], ROWS_A_READ)):
        events += more
    return events


def positions(queries: DeskQueries) -> dict[str, dict[int, int]]:
    """Return the last sequence decided on, by projection and partition."""
    found: dict[str, dict[int, int]] = {}
    for name, sequence in queries.fetch("SELECT application_name, notification_id FROM tracking"):
        projection, colon, partition = str(name).rpartition(":")
        if colon:
            found.setdefault(projection, {})[int(partition)] = whole(sequence)
    return found


def decided(queries: DeskQueries, projection: str) -> set[Signal]:
    """Return the signals of a projection that were decided on."""
    return _signals(queries, "desk_judgements", projection)


def waiting(queries: DeskQueries, projection: str) -> set[Signal]:
    """Return the signals of a projection that wait for a pass."""
    return _signals(queries, "desk_standings", projection)


def published(queries: DeskQueries, after: int, up_to: int) -> list[tuple[int, str, bytes]]:
    """Return the next events that are to be published, with number, type and data."""
    marks = ",".join("?" * len(PUBLISHED_NAMES))
    event_id = queries.event_id
    sql = f"""SELECT {event_id}, topic, state FROM stored_events WHERE {event_id} > ?
    AND {event_id} <= ? AND topic IN ({marks}) ORDER BY {event_id} LIMIT ?"""
    rows = queries.fetch(sql, (after, up_to, *PUBLISHED_NAMES, ROWS_A_READ))
    return [(whole(number), str(name), _bytes(data)) for number, name, data in rows]


def _bytes(value: Value) -> bytes:
    """Return what stands in a column of bytes, also where somebody put something else there."""
    return value if isinstance(value, bytes) else str(value).encode()


def whole(value: Value) -> int:
    """Return a column of whole numbers. Raises ``TypeError`` for another."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _signals(queries: DeskQueries, table: str, projection: str) -> set[Signal]:
    sql = f"SELECT partition, sequence FROM {table} WHERE projection = ?"
    return {(whole(each), whole(sequence)) for each, sequence in queries.fetch(sql, (projection,))}
