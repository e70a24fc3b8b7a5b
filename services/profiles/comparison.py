"""How a rebuilt projection differs from the one that it replaces, customer by customer."""

from collections.abc import AsyncIterator

import msgspec

from infra.state.port import StateReader, StateRow, StoreIdentity

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


async def compare(before: StateReader, after: StateReader) -> Comparison:
    """Compare two projections of one log, each as of its own position."""
    old_release, new_release = _made_by(before), _made_by(after)
    count = _Count()
    async for old, new in _pairs(before, after):
        count.add(old, new)
    return Comparison(
        before=old_release.projection,
        after=new_release.projection,
        customers_before=count.before,
        customers_after=count.after,
        changed=count.changed if old_release.fingerprint == new_release.fingerprint else None,
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


async def _pairs(
    before: StateReader, after: StateReader
) -> AsyncIterator[tuple[StateRow | None, StateRow | None]]:
    """Merge the rows of both by customer id."""
    olds, news = _rows(before), _rows(after)
    old, new = await anext(olds, None), await anext(news, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.customer_id < new.customer_id):
            yield old, None
            old = await anext(olds, None)
        elif old is None or new.customer_id < old.customer_id:
            yield None, new
            new = await anext(news, None)
        else:
            yield old, new
            old, new = await anext(olds, None), await anext(news, None)


async def _rows(reader: StateReader) -> AsyncIterator[StateRow]:
    async for found in reader.rows():
        if found.row is not None:
            yield found.row


def _made_by(reader: StateReader) -> StoreIdentity:
    """Return what the states belong to, in whichever partition has any; nothing without one."""
    for identity in map(reader.identity, range(reader.partitions)):
        if identity is not None:
            return identity
    return StoreIdentity("", "", "", 0)
