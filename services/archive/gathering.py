"""What was consumed, made into records that PostgreSQL can hold, up to the first that cannot be."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS
from infra.archive.postgres_feed import Batch, TopicPlace
from infra.log.kafka_records import (
    Consumed,
    DamagedMessageError,
    control_of,
    fact_of,
    letter_of,
    output_of,
)
from infra.log.records import ControlRecord, DeadLetter, FactRecord, OutputRecord

CUSTOMERS_REMEMBERED = 65_536


class Gathering:
    """Collects one batch."""

    def __init__(self) -> None:
        self._facts: defaultdict[int, list[FactRecord]] = defaultdict(list)
        self._control: list[ControlRecord] = []
        self._outputs: list[OutputRecord] = []
        self._letters: list[DeadLetter] = []

    def add(self, message: Consumed) -> None:
        """Add one message. Raises `DamagedMessageError`, and then it is not in the batch."""
        try:
            if message.topic == FACTS:
                fact = fact_of(message)
                _check(fact.customer_id, fact.type)
                self._facts[message.partition].append(fact)
            elif message.topic == CONTROL:
                control = control_of(message)
                _check(None, control.type)
                self._control.append(control)
            elif message.topic == DEAD_LETTERS:
                letter = letter_of(message)
                _check(None, letter.id)
                self._letters.append(letter)
            else:
                output = output_of(message)
                _check(output.customer_id, output.type, output.projection, output.emission)
                self._outputs.append(output)
        except ValueError as error:
            raise DamagedMessageError(message, error) from error

    def batch(self, positions: Mapping[TopicPlace, int]) -> Batch:
        """Return what was collected, and from where each partition is read on."""
        return Batch(positions, self._facts, self._control, self._outputs, self._letters)


def _check(customer_id: str | None, *texts: str) -> None:
    """Raise ``ValueError`` for what has no place in a column of its type."""
    if customer_id is not None:
        _check_id(customer_id)
    if any("\0" in text for text in texts):
        raise ValueError("a name holds the character 0")


@lru_cache(maxsize=CUSTOMERS_REMEMBERED)
def _check_id(customer_id: str) -> None:
    UUID(customer_id)
