"""What became of the events of each source, counted in memory between two flushes."""

from collections import Counter

import msgspec

from events.values import Key
from infra.log.port import EventLog, LogUnavailableError

ACCEPTED = "accepted"
DUPLICATE = "duplicate"
LATE = "late"
STANDING = frozenset({ACCEPTED, DUPLICATE, LATE})
"""What is counted of events that stand in the log, so that their source was checked."""

UNNAMED_SOURCE = ""
"""Counts what was refused before its source could be read; no real source is empty."""

SOURCES_NAMED = 1000
"""Of how many sources that never had an event accepted refusals are counted by name.

Anybody can make up sources, and every one that is counted is kept for ever.
"""


class Tallies:
    """Counters of (source, what). One transaction an event would cost as much as the event."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._pending: Counter[tuple[str, str]] = Counter()
        self._standing: set[str] = set()
        self._only_refused: set[str] = set()

    def add(self, source: str, what: str) -> None:
        """Count one more event: `ACCEPTED`, `DUPLICATE`, `LATE`, or the reason of a refusal.

        A refusal counts under `UNNAMED_SOURCE` where its source is none that a fact could have.
        """
        if what in STANDING:
            self._remember(source)
        elif source not in self._standing:
            source = self._named(source)
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

    def _remember(self, source: str) -> None:
        if len(self._standing) < SOURCES_NAMED:
            self._standing.add(source)

    def _named(self, source: str) -> str:
        if source in self._only_refused:
            return source
        if len(self._only_refused) >= SOURCES_NAMED or not _is_key(source):
            return UNNAMED_SOURCE
        self._only_refused.add(source)
        return source


def _is_key(source: str) -> bool:
    try:
        msgspec.convert(source, Key)
    except msgspec.ValidationError:
        return False
    return True
