"""What was fetched of one partition and not folded yet: records in the order of their offsets."""

from bisect import bisect_right
from collections.abc import Sequence

from infra.log.records import FactRecord


class PartitionBuffer:
    """Records of a stretch without holes. Offsets may have gaps: transactions leave markers there."""

    def __init__(self) -> None:
        self._records: list[FactRecord] = []
        self._since: int | None = None

    def __len__(self) -> int:
        """Return how many records are held."""
        return len(self._records)

    def restart(self, offset: int) -> None:
        """Begin anew: the next records to come are those from this offset on."""
        self._records, self._since = [], offset

    def add(self, records: Sequence[FactRecord]) -> None:
        """Add what was fetched next; what is not ahead of what is held is left out."""
        if self._since is not None:
            end = self._end(self._since)
            self._records += [record for record in records if record.offset >= end]

    def follows_on(self, after: int) -> bool:
        """Whether what comes after this offset is held, or is what comes next."""
        return self._since is not None and self._since <= after + 1 <= self._end(self._since)

    def take(self, after: int, limit: int) -> Sequence[FactRecord]:
        """Return up to ``limit`` records above ``after``; those up to it are wanted no more."""
        behind = bisect_right(self._records, after, key=lambda record: record.offset)
        del self._records[:behind]
        self._since = after + 1
        return self._records[:limit]

    def appended_after(self, offset: int) -> int | None:
        """Return when the first record above an offset was appended; None where none is held."""
        at = bisect_right(self._records, offset, key=lambda record: record.offset)
        return self._records[at].appended if at < len(self._records) else None

    def _end(self, since: int) -> int:
        return self._records[-1].offset + 1 if self._records else since
