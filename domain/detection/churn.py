"""When a churn risk is raised and cleared, and what is kept of a customer for it.

A risk is raised where the log-odds reach the upper threshold, of a customer who bought within the
horizon, and cleared below the lower one: in between nothing changes, so that a score that trembles
says nothing twice. It is cleared as well when a whole horizon passed without a purchase, since what
was feared has then happened. After that nothing is raised for the cool-down.
"""

import struct
from hashlib import blake2b

import msgspec

from domain.detection.churn_recipe import HORIZON_DAYS, INPUTS, Inputs
from events.values import CustomerId

DETECTOR = "churn-1"
RAISE_AT = 0.85
"""Log-odds, a probability of 70 %."""

CLEAR_BELOW = 0.2
"""Log-odds, a probability of 55 %."""

COOL_DOWN_DAYS = 28
DAYS_A_WEEK = 7

_PACKED = struct.Struct(f"<{len(INPUTS)}f")


class LastLook(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The customer as it was in its last weekly turn: its inputs, packed, and the score given."""

    day: int
    log_odds: float
    packed: bytes

    @classmethod
    def of(cls, day: int, log_odds: float, inputs: Inputs) -> "LastLook":
        """Return what is kept of a look: inputs as 32-bit floats."""
        return cls(day, log_odds, _PACKED.pack(*inputs))

    def inputs(self) -> Inputs:
        """Return the inputs, to the precision in which they were kept."""
        return _PACKED.unpack(self.packed)


class ChurnWatch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When the customer's next weekly turn is, and since when a risk stands or was cleared."""

    due_day: int | None = None
    raised_day: int | None = None
    cleared_day: int | None = None
    segment: int | None = None
    last_look: LastLook | None = None


def weekday_of(customer_id: CustomerId) -> int:
    """Return the weekday of a customer's turns: days with ``day mod 7`` equal to it.

    The first 8 bytes of BLAKE2b of the id, big endian, mod 7.
    """
    return int.from_bytes(blake2b(customer_id.encode(), digest_size=8).digest(), "big") % 7


def next_turn(customer_id: CustomerId, today: int) -> int:
    """Return the first day after ``today`` that is the customer's weekday."""
    return today + 1 + (weekday_of(customer_id) - today - 1) % DAYS_A_WEEK


def is_active(last_day: int, today: int) -> bool:
    """Tell whether the last purchase lies within the horizon."""
    return today - last_day <= HORIZON_DAYS


def can_change(watch: ChurnWatch, *, last_day: int, today: int, may_raise: bool) -> bool:
    """Tell whether any score at all could raise a risk today, or clear the one that stands."""
    if watch.raised_day is not None:
        return True
    rested = watch.cleared_day is None or today - watch.cleared_day >= COOL_DOWN_DAYS
    return may_raise and rested and is_active(last_day, today)


def after_score(
    watch: ChurnWatch, log_odds: float, *, last_day: int, today: int, may_raise: bool
) -> ChurnWatch:
    """Return the watch after a score of ``today``: raised, cleared, or as it was."""
    if watch.raised_day is not None:
        if log_odds >= CLEAR_BELOW and is_active(last_day, today):
            return watch
        return msgspec.structs.replace(watch, raised_day=None, cleared_day=today)
    if log_odds >= RAISE_AT and can_change(
        watch, last_day=last_day, today=today, may_raise=may_raise
    ):
        return msgspec.structs.replace(watch, raised_day=today)
    return watch
