"""Is every signal decided on once, all of it published once and in order, and every outcome a fact?

It reads PostgreSQL by plain SQL and Kafka by a plain consumer; of the desk it uses the names of tables.
"""

import json
from collections import Counter, defaultdict
from typing import NamedTuple

import psycopg

from tests.faults.soak.archive_check import first_copies
from tests.faults.soak.findings import Findings, Wrong
from tests.faults.soak.reading import FACTS, TASKS, LogCopy, Record

SIGNALS = "crm.signals"
BARRIER = "crm.standing.ended.v1"
OUTCOME, DOOR = "crm.retention.closed.v1", "holdfast:desk"
JUDGED, CLOSED = "crm.signal.judged.v1", "crm.task.closed.v1"

_DECIDED = "SELECT projection, partition, sequence FROM desk_judgements WHERE turn = 1"
_WAITING = "SELECT projection, partition, sequence FROM desk_standings"
_EVENTS = """SELECT notification_id, originator_id::text, originator_version, topic, state
FROM stored_events ORDER BY notification_id"""
_THERE = "SELECT to_regclass('desk_judgements') IS NOT NULL"

Signal = tuple[str, int, int]


class Event(NamedTuple):
    """An event as the desk's store has it."""

    number: int
    stream: str
    version: int
    type: str
    data: bytes

    @property
    def is_published(self) -> bool:
        return self.type.startswith(("crm.task.", "crm.signal."))


class DeskCheck:
    """Compares everything, each time."""

    def __init__(self, copy: LogCopy, conninfo: str, findings: Findings) -> None:
        self._copy = copy
        self._conninfo = conninfo
        self._findings = findings

    def missing(self) -> str | None:
        """What the desk still has to do."""
        with psycopg.connect(self._conninfo) as desk:
            if desk.execute(_THERE).fetchone() != (True,):
                return "there is no desk yet"
            known = self._known(desk)
            events = _events(desk)
        left = [signal for signal in self._signals() if signal not in known]
        if left:
            return f"not decided on: {len(left)} signals, such as {left[0]}"
        said = [event.number for event in events if event.is_published]
        stands = {int(record.headers["ce_sequence"]) for record in self._published()}
        if unsaid := [number for number in said if number not in stands]:
            return f"not published: {len(unsaid)} events, such as {unsaid[0]}"
        told = {record.headers["ce_id"] for record in self.outcomes()}
        untold = [name for name in self.expected_outcomes(events) if name not in told]
        return f"no fact yet: {untold[:3]}" if untold else None

    def check(self) -> None:
        """Note what is wrong."""
        with psycopg.connect(self._conninfo) as desk:
            known, events = self._known(desk), _events(desk)
        self._check_decisions(known, events)
        self._check_streams(events)
        self._check_published(events)
        self._check_outcomes(events)

    def outcomes(self) -> list[Record]:
        """Every fact that the desk told the log."""
        return [
            record
            for number in range(self._copy.partitions)
            for record in self._copy.records[FACTS, number]
            if record.key is not None and record.headers["ce_source"] == DOOR
        ]

    def expected_outcomes(self, events: list[Event]) -> list[str]:
        """The ids of the facts that follow from the closings."""
        return [
            f"{said['task']['task_id']}:{said['task']['version']}:{customer}"
            for event in events
            if event.type == CLOSED
            for said in [json.loads(event.data)]
            for customer in said["customers"]
        ]

    def _check_decisions(self, known: Counter[Signal], events: list[Event]) -> None:
        signals = self._signals()
        judged: Counter[Signal] = Counter()
        for event in events:
            if event.type == JUDGED:
                said = json.loads(event.data)
                ref = said["signal"]
                signal = ref["projection"], ref["partition"], int(ref["sequence"])
                judged[signal] += 1
                if event.version == 1 and said["verdict"] == "withheld":
                    judged[signal] -= (
                        said["gates"][-1]["gate"] == "opening-limit"
                    )  # once more, later
        for signal in signals:
            if known[signal] != 1:
                wrong = Wrong.DOUBLED if known[signal] else Wrong.LOST
                self._findings.add(wrong, f"decision on {signal}")
        for signal, count in judged.items():
            if count > 1:
                self._findings.add(Wrong.DOUBLED, f"{count} decisions on {signal}")
        for signal in set(known) - set(signals):
            self._findings.add(Wrong.DIFFERENT, f"{signal} was decided on and never said")

    def _check_streams(self, events: list[Event]) -> None:
        """Each stream has its versions in a row, and no two tasks are open for one reason."""
        versions: Counter[str] = Counter()
        tasks: dict[str, tuple[str, str]] = {}
        reopened: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for event in events:
            versions[event.stream] += 1
            if event.version != versions[event.stream]:
                self._findings.add(Wrong.LOST, f"version before {event.version} of {event.stream}")
            said = json.loads(event.data)
            if event.type.startswith("crm.task.raised."):
                tasks[event.stream] = (said["task"]["account"], said["reason"])
            place = tasks.get(event.stream)
            if place is None:
                continue
            if event.type == CLOSED:
                reopened[place].discard(event.stream)
            else:
                reopened[place].add(event.stream)
                if len(reopened[place]) > 1:
                    self._findings.add(Wrong.DOUBLED, f"open tasks of {place}")

    def _check_published(self, events: list[Event]) -> None:
        expected = {event.number: event for event in events if event.is_published}
        homes: dict[str, int] = {}
        for partition in range(self._copy.partitions):
            highest, seen = -1, set[int]()
            for record in self._copy.records[TASKS, partition]:
                number = int(record.headers["ce_sequence"])
                if number < highest and number not in seen:
                    self._findings.add(Wrong.LOST, f"{TASKS} {partition}: {number} came too late")
                highest = max(highest, number)
                seen.add(number)
                if homes.setdefault(record.key or "", partition) != partition:
                    self._findings.add(Wrong.DIFFERENT, f"{record.key} stands in two partitions")
        stands = Counter(int(record.headers["ce_sequence"]) for record in self._published())
        for record in self._published():
            number = int(record.headers["ce_sequence"])
            event = expected.get(number)
            if event is None or (event.type, event.data) != (record.type, record.value):
                self._findings.add(Wrong.DIFFERENT, f"{TASKS} {number}")
        for number in expected:
            if stands[number] != 1:
                wrong = Wrong.DOUBLED if stands[number] else Wrong.LOST
                self._findings.add(wrong, f"{TASKS} {number}")

    def _check_outcomes(self, events: list[Event]) -> None:
        expected = Counter(self.expected_outcomes(events))
        found = Counter(record.headers["ce_id"] for record in self.outcomes())
        for name in expected.keys() | found.keys():
            if found[name] != expected[name]:
                wrong = Wrong.LOST if found[name] < expected[name] else Wrong.DOUBLED
                self._findings.add(wrong, f"outcome {name}")
        for record in self.outcomes():
            if record.type != OUTCOME:
                self._findings.add(Wrong.DIFFERENT, f"{record.type} of the desk")

    def _known(self, desk: psycopg.Connection) -> Counter[Signal]:
        """Signals that are decided on, or wait for a pass; what waits decided already counts once."""
        decided = Counter[Signal](desk.execute(_DECIDED).fetchall())
        return decided | Counter[Signal](desk.execute(_WAITING).fetchall())

    def _signals(self) -> list[Signal]:
        return [
            (
                record.headers["ce_projection"],
                int(record.headers["ce_partition"]),
                int(record.headers["ce_sequence"]),
            )
            for number in range(self._copy.partitions)
            for record in first_copies(self._copy.records[SIGNALS, number])
            if record.type != BARRIER
        ]

    def _published(self) -> list[Record]:
        return [
            record
            for number in range(self._copy.partitions)
            for record in first_copies(self._copy.records[TASKS, number])
        ]


def _events(desk: psycopg.Connection) -> list[Event]:
    return [
        Event(number, stream, version, name, bytes(data))
        for number, stream, version, name, data in desk.execute(_EVENTS).fetchall()
    ]
