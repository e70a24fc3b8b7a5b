"""Appends to a log that is being restored: by the writer's own transactions, with the times that were."""

import asyncio
from collections.abc import Sequence

from infra.log.kafka_records import Message
from infra.log.kafka_transactions import (
    OutcomeUnknownError,
    TimesNotKeptError,
    TransactionalProducer,
)
from infra.log.port import LogUnavailableError
from infra.log.writer_turn import WriterTurn

TRIES = 40
SECONDS_BETWEEN_TRIES = 0.5
"""Brokers are told one after the other that they are to keep the times of records."""


class TurnLostError(LogUnavailableError):
    """Another process was given the right to write."""


class RestoringWriter:
    """Writes for as long as a turn lasts. ``append`` raises `LogUnavailableError`; then repeat it all."""

    def __init__(self, producer: TransactionalProducer, turn: WriterTurn) -> None:
        self._producer = producer
        self._turn = turn

    async def open(self) -> None:
        """Become the writer: whoever was it before is fenced. Raises `LogUnavailableError`."""
        await asyncio.to_thread(self._producer.open)

    async def append(self, messages: Sequence[Message]) -> None:
        """Write messages in one transaction, with the times that they have."""
        for _ in range(TRIES):
            if self._turn.end.is_asked:
                raise TurnLostError(f"{self._turn.why}: give `holdfast restore` again")
            try:
                await asyncio.to_thread(self._producer.commit, messages)
            except TimesNotKeptError:
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
                await self.open()
            except OutcomeUnknownError as unknown:
                raise LogUnavailableError(
                    "the brokers did not answer whether the last records stand: give `holdfast"
                    " restore` again, it goes on after what stands"
                ) from unknown
            else:
                return
        raise TimesNotKeptError

    async def close(self) -> None:
        """Let go of the producer."""
        await asyncio.to_thread(self._producer.close)
