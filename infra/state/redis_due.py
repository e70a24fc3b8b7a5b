"""Who is due on a day, in id order, handed out a chunk at a time."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Self

import msgspec

from events.values import CustomerId
from infra.state.port import StateRow


class DueList(msgspec.Struct, frozen=True):
    """The ids of those due on ``day`` above ``reached``, the first ``done`` of them handed out.

    Ids are kept as the bytes of their UTF-8, which sort as their text does, in less memory.
    """

    day: int
    reached: CustomerId | None
    ids: Sequence[bytes]
    done: int = 0

    @classmethod
    def of(cls, day: int, ids: Iterable[bytes], after: CustomerId | None) -> Self:
        """Return the list of those above ``after``, who come in any order."""
        in_order = sorted(ids)
        begin = 0 if after is None else bisect_right(in_order, after.encode())
        return cls(day, after, in_order, begin)

    def goes_on(self, day: int, after: CustomerId | None) -> bool:
        """Tell whether a question is about just those who were not handed out yet."""
        return (day, after) == (self.day, self.reached)

    def next(self, limit: int) -> tuple[Sequence[bytes], Self]:
        """Return the next few, and the list that stands after them."""
        chunk = self.ids[self.done : self.done + limit]
        if not chunk:
            return chunk, self
        reached = CustomerId(chunk[-1].decode())
        return chunk, type(self)(self.day, reached, self.ids, self.done + len(chunk))

    def stands(self, rows: Iterable[StateRow]) -> bool:
        """Tell whether those not handed out yet are the same after a commit of these rows."""
        reached = self.reached
        return reached is not None and all(row.customer_id <= reached for row in rows)
