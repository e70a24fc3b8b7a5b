"""What stands in a log besides facts, in words short enough to compare: ``day 15000``, ``live``."""

from collections.abc import Sequence

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import ClockModeSet, ImportEnded, ImportStarted
from events.marks import DayOpened, Emitting
from infra.log.port import EventLog
from infra.log.records import ControlRecord, FactRecord


async def partition_words(log: EventLog, partition: int = 0) -> list[str]:
    """A facts partition in order, facts by their ids."""
    return [_word(record) for record in await log.read_facts(partition, -1, 100_000)]


async def control_words(log: EventLog) -> list[str]:
    """The control records in order."""
    return [_word(record) for record in await log.control_records()]


def opened_days(words: Sequence[str]) -> list[int]:
    """The days among such words."""
    return [int(word.removeprefix("day ")) for word in words if word.startswith("day ")]


def _word(record: FactRecord | ControlRecord) -> str:
    if isinstance(record, FactRecord) and record.id is not None:
        return record.id
    match REGISTRY.decode(record.type, record.data):
        case DayOpened(day=date):
            return f"day {day_number(date)}"
        case Emitting(emission=emission):
            return str(emission)
        case ClockModeSet(mode=mode):
            return f"clock {mode}"
        case ImportStarted(import_id=import_id):
            return f"begin {import_id}"
        case ImportEnded(import_id=import_id, finished=finished):
            return f"{'finish' if finished else 'abandon'} {import_id}"
        case other:
            return type(other).__name__
