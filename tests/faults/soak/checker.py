"""Is all that was acknowledged in the log and in effect, once? Asked of the servers themselves.

It reads Kafka by a plain consumer, Redis and PostgreSQL by plain commands, and folds each customer from
zero by the pure fold. Of the product's own reading, writing and verifying it uses nothing.
"""

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from redis import Redis

from domain.customer import state as states
from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, SliceFact, fold_slice
from domain.customer.slice_marks import SliceMark, SliceMarks
from domain.detection.day_model import ModelHistory
from events import codec
from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import LogCreated, ModelDecided, ProjectionCreated
from events.marks import DayOpened, Emitting
from events.snapshots import DayClosed
from events.values import CustomerId
from infra.state.port import Position
from tests.faults.soak.archive_check import ArchiveCheck
from tests.faults.soak.desk_check import DOOR, DeskCheck
from tests.faults.soak.findings import Findings, Wrong
from tests.faults.soak.inbox_check import InboxCheck
from tests.faults.soak.reading import CONTROL, FACTS, OUTPUTS, LogCopy, Record

ORDINALS = 25
SNAPSHOTS = "crm.snapshots"
Sent = dict[tuple[str, str], dict[str, object]]


class Log:
    """What the control records of a copy say."""

    def __init__(self, copy: LogCopy) -> None:
        self.log_id = self.currency = self.projection = ""
        self.days: list[DayOpened] = []
        decisions: dict[int, ModelDecided] = {}
        for record in copy.records[CONTROL, 0]:
            match REGISTRY.decode(record.type, record.value):
                case LogCreated(log_id=log_id, currency=currency):
                    self.log_id, self.currency = log_id, currency
                case ProjectionCreated(projection=name):
                    self.projection = self.projection or name
                case DayOpened() as opened:
                    self.days.append(opened)
                case ModelDecided() as decided if decided.projection == self.projection:
                    decisions.setdefault(day_number(decided.day), decided)
                case _:
                    continue
        self.models = ModelHistory([decisions[day] for day in sorted(decisions)])

    def key(self, partition: int, name: str) -> str:
        """What something of a partition's states is called in Redis."""
        return f"holdfast:{{{self.log_id}:{self.projection}:{partition}}}:{name}"


class Checker:
    """Compares, as of a moment at which nothing is under way."""

    def __init__(self, copy: LogCopy, redis: Redis, conninfo: str) -> None:
        self.findings = Findings()
        self.poisoned: set[str] = set()
        self._copy = copy
        self._redis = redis
        self.archive = ArchiveCheck(copy, conninfo, self.findings)
        self.desk = DeskCheck(copy, conninfo, self.findings)
        self.inbox = InboxCheck(copy, conninfo, self.findings)

    def positions(self) -> list[int]:
        """The offset up to which each partition's states are folded, as Redis has it."""
        log = Log(self._copy)
        found = [
            self._redis.get(log.key(number, "position")) for number in range(self._copy.partitions)
        ]
        return [
            -1 if data is None else msgspec.msgpack.decode(data, type=Position).offset
            for data in found
        ]

    def today(self) -> datetime.date | None:
        """The day that is open, as control has it."""
        days = Log(self._copy).days
        return days[-1].day if days else None

    def absent(self, sent: Sent) -> list[tuple[str, str]]:
        """What was acknowledged and is not in the log."""
        stands = {_name(record) for record in self._facts(range(self._copy.partitions))}
        return [name for name in sent if name not in stands]

    def check(self, sent: Sent) -> None:
        """Note whatever is wrong with the log, the states, what was said, and the archive."""
        log = Log(self._copy)
        self._check_facts(sent)
        for partition in range(self._copy.partitions):
            self._check_partition(log, partition)
        self.archive.check()
        self.desk.check()
        self.inbox.check()

    def _check_facts(self, sent: Sent) -> None:
        found: Counter[tuple[str, str]] = Counter()
        for record in self._facts(range(self._copy.partitions)):
            name = _name(record)
            if record.key in self.poisoned or name[0] == DOOR:
                continue  # what the desk told is checked against the desk
            found[name] += 1
            event = sent.get(name)
            if event is None:
                self.findings.add(Wrong.DIFFERENT, f"fact {name} was never sent")
            elif json.loads(record.value) != event["data"] or record.type != event["type"]:
                self.findings.add(Wrong.DIFFERENT, f"fact {name} is not as it was sent")
        for name in sent:
            if not found[name]:
                self.findings.add(Wrong.LOST, f"fact {name} was acknowledged")
            elif found[name] > 1:
                self.findings.add(Wrong.DOUBLED, f"fact {name} stands {found[name]} times")

    def _facts(self, partitions: Iterable[int]) -> Iterable[Record]:
        for partition in partitions:
            for record in self._copy.records[FACTS, partition]:
                if record.key is not None:
                    yield record

    def _check_partition(self, log: Log, partition: int) -> None:
        marks = [
            SliceMark(record.offset, event)
            for record in self._copy.records[FACTS, partition]
            if record.key is None
            and isinstance(
                event := REGISTRY.decode(record.type, record.value), DayOpened | Emitting
            )
        ]
        opened = [mark for mark in marks if isinstance(mark.event, DayOpened)]
        self._check_days(log, partition, opened)
        own: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self._facts([partition]):
            own[record.key or ""].append(record)
        stored = self._redis.hgetall(log.key(partition, "states"))
        self._check_quarantine(log, partition, own)
        said = self._said(log, partition)
        stepped: Counter[int] = Counter()
        slice_marks = SliceMarks(marks, log.projection, log.models)
        for customer in {*own, *(name.decode() for name in stored)} - self.poisoned:
            folded = _folded(CustomerFold(log.currency), customer, own[customer], slice_marks)
            self._check_state(customer, own[customer], folded, stored.get(customer.encode()))
            self._check_said(partition, customer, folded, said.pop(customer, []))
            stepped.update(folded.counted)
        self._check_closings(partition, opened, stepped, said.pop("", []))
        for customer in said.keys() - self.poisoned:
            self.findings.add(Wrong.DIFFERENT, f"something was said of {customer}, who has no fact")

    def _check_days(self, log: Log, partition: int, opened: Sequence[SliceMark]) -> None:
        """Every day stands once in every partition, as in control, and none is left out."""
        days = [day_number(mark.event.day) for mark in opened]
        expected = [day_number(day.day) for day in log.days]
        whole = list(range(expected[0], expected[-1] + 1)) if expected else []
        for where, found in ((f"partition {partition}", days), ("control", expected)):
            for day in whole:
                if (count := found.count(day)) != 1:
                    wrong = Wrong.DOUBLED if count else Wrong.LOST
                    self.findings.add(wrong, f"day {day} in {where}")

    def _check_quarantine(self, log: Log, partition: int, own: dict[str, list[Record]]) -> None:
        found = {name.decode() for name in self._redis.hkeys(log.key(partition, "quarantine"))}
        for customer in self.poisoned & own.keys() - found:
            self.findings.add(Wrong.LOST, f"quarantine of {customer}")
        for customer in found - self.poisoned:
            self.findings.add(Wrong.DIFFERENT, f"{customer} is quarantined")

    def _check_state(
        self, customer: str, facts: Sequence[Record], folded: FoldedSlice, stored: bytes | None
    ) -> None:
        if stored is None or folded.state is None:
            wrong = Wrong.LOST if stored is None else Wrong.DIFFERENT
            self.findings.add(wrong, f"state of {customer}, who has {len(facts)} facts")
            return
        count = states.decode(stored).facts
        if count != len(facts):
            wrong = Wrong.LOST if count < len(facts) else Wrong.DOUBLED
            self.findings.add(wrong, f"{count} of {len(facts)} facts in effect for {customer}")
        elif stored != states.encode(folded.state):
            self.findings.add(Wrong.DIFFERENT, f"state of {customer} at {facts[-1].offset}")

    def _said(self, log: Log, partition: int) -> dict[str, list[tuple[int, str, Record]]]:
        """What was said of each customer, in order, copies dropped; of nobody under ``""``.

        Of all topics together no ordinal is left out.
        """
        said: defaultdict[str, list[tuple[int, str, Record]]] = defaultdict(list)
        ordinals: defaultdict[int, set[int]] = defaultdict(set)
        for topic in OUTPUTS:
            kept: dict[int, Record] = {}
            highest = -1
            for record in self._copy.records[topic, partition]:
                number = int(record.headers["ce_sequence"])
                if number > highest:
                    highest, kept[number] = number, record
                elif number not in kept:
                    self.findings.add(Wrong.LOST, f"{topic} {partition}: {number} came too late")
                elif record.value != kept[number].value:
                    self.findings.add(Wrong.DIFFERENT, f"{topic} {partition}: copy of {number}")
            for number, record in kept.items():
                said[record.key or ""].append((number, topic, record))
                ordinals[number >> ORDINALS].add(number % (1 << ORDINALS))
        for offset, found in ordinals.items():
            if found != set(range(len(found))):
                self.findings.add(Wrong.LOST, f"ordinals of {partition} at {offset}: {found}")
        return {name: sorted(entries, key=lambda entry: entry[0]) for name, entries in said.items()}

    def _check_said(
        self,
        partition: int,
        customer: str,
        folded: FoldedSlice,
        found: Sequence[tuple[int, str, Record]],
    ) -> None:
        expected = Counter(
            (entry.offset, REGISTRY.name_of(entry.event), codec.encode(entry.event))
            for entry in folded.said
        )
        stands = Counter(
            (number >> ORDINALS, record.type, record.value) for number, _, record in found
        )
        for offset, kind, _ in expected - stands:
            self.findings.add(Wrong.LOST, f"{kind} of {customer} at {partition}/{offset}")
        for entry in stands - expected:
            wrong = Wrong.DOUBLED if entry in expected else Wrong.DIFFERENT
            self.findings.add(wrong, f"{entry[1]} of {customer} at {partition}/{entry[0]}")

    def _check_closings(
        self,
        partition: int,
        opened: Sequence[SliceMark],
        stepped: Counter[int],
        found: Sequence[tuple[int, str, Record]],
    ) -> None:
        expected = {
            mark.offset: codec.encode(DayClosed(partition, mark.event.day, stepped[mark.offset]))
            for mark in opened
        }
        closed = {
            number >> ORDINALS: record.value
            for number, topic, record in found
            if topic == SNAPSHOTS and isinstance(_event(record), DayClosed)
        }
        for offset in expected.keys() - closed.keys():
            self.findings.add(Wrong.LOST, f"closing of a day at {partition}/{offset}")
        for offset, value in closed.items():
            if expected.get(offset) != value:
                self.findings.add(Wrong.DIFFERENT, f"closing of a day at {partition}/{offset}")


def _folded(
    fold: CustomerFold, customer: str, facts: Sequence[Record], marks: SliceMarks
) -> FoldedSlice:
    own = [SliceFact(record.offset, _day(record), _event(record)) for record in facts]
    return fold_slice(fold, CustomerId(customer), own, marks)


def _name(record: Record) -> tuple[str, str]:
    return record.headers["ce_source"], record.headers["ce_id"]


def _day(record: Record) -> int:
    return day_number(datetime.date.fromisoformat(record.headers["ce_day"]))


def _event(record: Record) -> msgspec.Struct:
    return REGISTRY.decode(record.type, record.value)
