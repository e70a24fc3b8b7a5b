"""What stands in a partition already, held against what is to be restored into it."""

from collections.abc import Sequence

from infra.log.kafka_fetching import KafkaFetcher
from infra.log.kafka_records import Consumed, Message
from infra.mendable import MendableError


class OtherRecordsError(MendableError):
    """The topics hold something else than the backup does, or more."""


class Standing:
    """Reads a partition from its beginning up to where it ends now."""

    def __init__(self, fetcher: KafkaFetcher, topic: str, partition: int, end: int) -> None:
        self._fetcher = fetcher
        self._topic = topic
        self._partition = partition
        self._end = end
        self._offset = 0
        self._left: list[Consumed] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written there."""
        return self._end == 0

    async def next(self, limit: int) -> list[Consumed]:
        """Return up to ``limit`` records, fewer only at the end. Raises `LogUnreadableError`."""
        while len(self._left) < limit and self._offset < self._end:
            fetched = await self._fetcher.fetch(self._topic, self._partition, self._offset)
            self._left += fetched.records
            self._offset = fetched.next_offset
        found, self._left = self._left[:limit], self._left[limit:]
        return found

    async def pass_over(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return those of the messages that do not stand yet.

        Raises `OtherRecordsError` where something else stands in their place.
        """
        found = await self.next(len(messages))
        for record, message in zip(found, messages, strict=False):
            if not _is_same(record, message):
                raise OtherRecordsError(
                    f"{self._topic} partition {self._partition} offset {record.offset} is not what the"
                    f" backup has there. {WAY_ON}"
                )
        return messages[len(found) :]

    async def refuse_more(self) -> None:
        """Raise `OtherRecordsError` where anything follows."""
        for record in await self.next(1):
            raise OtherRecordsError(
                f"{self._topic} partition {self._partition} goes on at offset {record.offset}, where the"
                f" backup has ended. {WAY_ON}"
            )


WAY_ON = (
    "Nothing was changed there. A backup is restored into empty topics: stop every service, delete"
    " the topics, give `holdfast topics apply`, and restore again"
)


def _is_same(record: Consumed, message: Message) -> bool:
    return (record.key, record.value, list(record.headers), record.timestamp_ms) == (
        message.key,
        message.value,
        message.headers,
        message.timestamp_ms,
    )
