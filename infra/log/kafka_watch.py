"""Waits until a log on Kafka has grown: its control records, or the outputs that somebody reads."""

import asyncio
from contextlib import suppress

from aiokafka.errors import KafkaError

from infra.ending import ended
from infra.kafka.settings import KafkaSettings
from infra.log.kafka_control import ControlTail
from infra.log.kafka_fetching import KafkaFetcher

SECONDS_AT_MOST = 1.0
WAIT_MS = 500


class Watch:
    """Remembers what was there when it returned last. It has connections of its own: it waits on them."""

    def __init__(self, settings: KafkaSettings, tail: ControlTail) -> None:
        self._settings = settings
        self._tail = tail
        self._seen_control = -1
        self._ends: dict[str, dict[int, int]] = {}
        self._fetchers: dict[str, KafkaFetcher] = {}
        self._outputs: dict[str, asyncio.Task[bool]] = {}

    async def more(self, topics: set[str]) -> None:
        """Return once control or one of the topics has grown since the last call returned.

        At the latest after `SECONDS_AT_MOST`, so that nobody waits for what cannot be seen from here.
        """
        if self._seen_control == self._tail.next_offset:
            control = asyncio.ensure_future(self._tail.passed(self._seen_control))
            for topic in topics - self._outputs.keys():
                self._outputs[topic] = asyncio.create_task(self._grown(topic))
            waiting = {control, *self._outputs.values()}
            await asyncio.wait(
                waiting, timeout=SECONDS_AT_MOST, return_when=asyncio.FIRST_COMPLETED
            )
            await ended(control)
            if not control.cancelled():
                control.result()
            for topic in [topic for topic, task in self._outputs.items() if task.done()]:
                self._outputs.pop(topic)
        self._seen_control = self._tail.next_offset

    async def close(self) -> None:
        """Wait no longer."""
        await ended(*self._outputs.values())
        for fetcher in self._fetchers.values():
            await fetcher.close()

    async def _grown(self, topic: str) -> bool:
        fetcher = self._fetchers.get(topic)
        if fetcher is None:
            fetcher = self._fetchers[topic] = await KafkaFetcher.open(self._settings)
        partitions = range(fetcher.partitions(topic))
        with suppress(KafkaError, OSError):  # the one who reads is told, and this one waits again
            if topic in self._ends:
                await fetcher.moved(topic, self._ends[topic], WAIT_MS)
            self._ends[topic] = dict(await fetcher.ends(topic, partitions))
            return True
        await asyncio.sleep(SECONDS_AT_MOST)
        return False
