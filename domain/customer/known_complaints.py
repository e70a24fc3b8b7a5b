"""The few complaints of a customer that a state tells apart, and which of them are open.

A state keeps four: those open longest, then closed ones, the last heard of first. Open ones beyond
that are only counted. A resolution of a complaint that is not kept closes one of those, if there
are any; of complaints that are not kept, repeats cannot be told.
"""

import msgspec

COMPLAINTS_KEPT = 4
"""A state tells so many complaints apart."""


class KnownComplaint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One complaint: the first 8 bytes of its id's digest, and what its facts have said so far.

    ``last_day`` is the latest day that any of them was of, ``open_since`` None where it is closed,
    ``opened`` tells whether its opening was counted.
    """

    complaint: int
    last_day: int
    open_since: int | None
    opened: bool

    def repeats(self, day: int, *, to_open: bool) -> bool:
        """Tell whether a fact that opens or closes says what stands, and is of no later day."""
        return (self.open_since is not None) is to_open and day <= self.last_day

    def told(self, day: int, *, to_open: bool) -> "KnownComplaint":
        """Return the complaint after a fact that opens or closes it; an earlier day decides nothing."""
        if day < self.last_day:
            return self
        since = day if self.open_since is None else self.open_since
        return msgspec.structs.replace(self, last_day=day, open_since=since if to_open else None)

    def opening_told(self, day: int) -> "KnownComplaint":
        """Return the complaint after its opening, which comes before all that is known already."""
        since = None if self.open_since is None else min(self.open_since, day)
        return msgspec.structs.replace(self, open_since=since, opened=True)


class KnownComplaints(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The complaints that are kept, and how many more are open."""

    kept: tuple[KnownComplaint, ...] = ()
    more_open: int = 0

    def find(self, complaint: int) -> KnownComplaint | None:
        """Return a complaint by its number, None where it is not kept."""
        return next((known for known in self.kept if known.complaint == complaint), None)

    def open_count(self) -> int:
        """Return how many complaints are open."""
        return sum(known.open_since is not None for known in self.kept) + self.more_open

    def open_since(self) -> int | None:
        """Return the day since which the oldest open complaint is open, None where none is kept."""
        days = (known.open_since for known in self.kept if known.open_since is not None)
        return min(days, default=None)

    def closing_one(self) -> "KnownComplaints":
        """Return the complaints after one of those that are only counted was closed, if any were."""
        return KnownComplaints(self.kept, max(0, self.more_open - 1))

    def having(self, told: KnownComplaint) -> "KnownComplaints":
        """Return the complaints with one changed or added; the first to go makes room for it."""
        others = tuple(known for known in self.kept if known.complaint != told.complaint)
        kept = (*others, told)
        if len(kept) <= COMPLAINTS_KEPT:
            return KnownComplaints(kept, self.more_open)
        leaving = _first_to_go(kept)
        remaining = tuple(known for known in kept if known is not leaving)
        return KnownComplaints(remaining, self.more_open + (leaving.open_since is not None))


def _first_to_go(kept: tuple[KnownComplaint, ...]) -> KnownComplaint:
    closed = [known for known in kept if known.open_since is None]
    if closed:
        return min(closed, key=lambda known: known.last_day)
    return max(kept, key=lambda known: known.open_since or 0)
