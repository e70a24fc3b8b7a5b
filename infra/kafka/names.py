"""What things are called on the brokers: topics and the transactional id, below one prefix."""

import msgspec

CLOCK_TRANSACTION = "clock"
"""The transactional id of the one writer, which opens days too; a second writer fences the first."""


class TopicNames(msgspec.Struct, frozen=True):
    """The names of one log's things; several logs live on one cluster by their prefixes."""

    prefix: str = ""

    def of(self, topic: str) -> str:
        """Return a topic's name on the brokers.

        >>> TopicNames("north.").of("crm.facts")
        'north.crm.facts'
        """
        return self.prefix + topic

    @property
    def transaction(self) -> str:
        """The transactional id of the writer.

        >>> TopicNames("north.").transaction
        'north.clock'
        """
        return self.prefix + CLOCK_TRANSACTION
