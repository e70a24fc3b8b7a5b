"""How a rebuilt projection differs from the one that it replaces, customer by customer."""

from collections.abc import Iterator

import msgspec

from infra.state.port import StateRow
from infra.state.reader import ProjectionReader

NAMED = 10


class Comparison(msgspec.Struct, frozen=True):
    """Customers and standing signals of two projections; of each list the first ten are named.

    ``changed`` counts customers whose state has other bytes, and is None where the two projections
    were folded by different releases, whose bytes cannot be compared.
    """

    before: str
    after: str
    customers_before: int
    customers_after: int
    changed: int | None
    standing_in_both: int
    raised_only_before: int
    raised_only_after: int
    first_only_before: tuple[str, ...]
    first_only_after: tuple[str, ...]


def compare(before: ProjectionReader, after: ProjectionReader) -> Comparison:
    """Compare two projections of one log, each as of its own position."""
    made_alike = _fingerprint(before) == _fingerprint(after)
    count = _Count()
    for old, new in _pairs(before, after):
        count.add(old, new)
    return Comparison(
        before=_name(before),
        after=_name(after),
        customers_before=count.before,
        customers_after=count.after,
        changed=count.changed if made_alike else None,
        standing_in_both=count.in_both,
        raised_only_before=count.only_before,
        raised_only_after=count.only_after,
        first_only_before=tuple(count.named_before),
        first_only_after=tuple(count.named_after),
    )


class _Count:
    """Counts pairs of rows."""

    def __init__(self) -> None:
        self.before = self.after = self.changed = 0
        self.in_both = self.only_before = self.only_after = 0
        self.named_before: list[str] = []
        self.named_after: list[str] = []

    def add(self, old: StateRow | None, new: StateRow | None) -> None:
        self.before += old is not None
        self.after += new is not None
        self.changed += old != new
        was, is_now = bool(old and old.standing), bool(new and new.standing)
        self.in_both += was and is_now
        if was and not is_now and old is not None:
            self.only_before += 1
            self.named_before += [old.customer_id] * (len(self.named_before) < NAMED)
        if is_now and not was and new is not None:
            self.only_after += 1
            self.named_after += [new.customer_id] * (len(self.named_after) < NAMED)


def _pairs(
    before: ProjectionReader, after: ProjectionReader
) -> Iterator[tuple[StateRow | None, StateRow | None]]:
    """Merge the rows of both by customer id."""
    olds, news = before.rows(), after.rows()
    old, new = next(olds, None), next(news, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.customer_id < new.customer_id):
            yield old, None
            old = next(olds, None)
        elif old is None or new.customer_id < old.customer_id:
            yield None, new
            new = next(news, None)
        else:
            yield old, new
            old, new = next(olds, None), next(news, None)


def _fingerprint(reader: ProjectionReader) -> str | None:
    return None if reader.identity is None else reader.identity.fingerprint


def _name(reader: ProjectionReader) -> str:
    return "" if reader.identity is None else reader.identity.projection
