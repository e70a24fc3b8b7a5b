"""What became of the events of each source, counted in memory between two flushes."""

from collections import Counter

from infra.log.port import EventLog, LogUnavailableError

ACCEPTED = "accepted"
DUPLICATE = "duplicate"
LATE = "late"

UNNAMED_SOURCE = ""
"""Counts what was refused before its source could be read; no real source is empty."""


class Tallies:
    """Counters of (source, what). One transaction an event would cost as much as the event."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._pending: Counter[tuple[str, str]] = Counter()

    def add(self, source: str, what: str) -> None:
        """Count one more event: `ACCEPTED`, `DUPLICATE`, `LATE`, or the reason of a refusal."""
        self._pending[source, what] += 1

    async def flush(self) -> None:
        """Hand the counts to the log. Raises ``LogUnavailableError`` and then keeps them."""
        if not self._pending:
            return
        counted, self._pending = self._pending, Counter()
        try:
            await self._log.count(dict(counted))
        except LogUnavailableError:
            self._pending.update(counted)
            raise
