"""The first projection of a log creates itself in another process; the writer lets it speak."""

import asyncio

from infra.ending import ended
from infra.log.kafka_control import ControlTail
from infra.log.kafka_writer import KafkaWriter
from infra.log.port import LogUnavailableError
from infra.log.writers import WriterFencedError

SECONDS_BETWEEN_TRIES = 1.0


class FirstVoice:
    """Follows ``crm.control`` until a projection speaks for the log, which is for good."""

    def __init__(self, writer: KafkaWriter, tail: ControlTail) -> None:
        self._writer = writer
        self._tail = tail
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Follow no longer."""
        await ended(self._following)

    async def _follow(self) -> None:
        while (head := self._tail.head) is None or head.standing is None:
            seen = self._tail.next_offset
            if head is not None and head.projections:
                await self._let_speak()
            else:
                await self._tail.passed(seen)

    async def _let_speak(self) -> None:
        try:
            await self._writer.transact(lambda _: None)  # every transaction sees to it first
        except WriterFencedError:
            await asyncio.Event().wait()  # the new writer will
        except LogUnavailableError:
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)
