"""How often a customer and the firm meet, and who seeks whom."""

from typing import assert_never

import msgspec

from domain.decay import DECAY_91
from events.interactions import Channel, Direction, InteractionRecorded


class Contacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Contacts of one customer; decayed counts as of ``last_day``, the last day of any contact.

    ``last_channel`` is that of the last day; of several that day, the one that arrived last.
    """

    inbound_91: float = 0.0
    outbound_91: float = 0.0
    last_day: int | None = None
    last_channel: Channel | None = None

    def with_interaction(self, fact: InteractionRecorded, day: int) -> "Contacts":
        """Return the contacts after one of ``day``; one of an earlier day is decayed by as much."""
        inbound, outbound = _counts(fact.direction)
        last_day = self.last_day
        newest = last_day is None or day >= last_day
        return Contacts(
            inbound_91=DECAY_91.added(self.inbound_91, last_day, inbound, day),
            outbound_91=DECAY_91.added(self.outbound_91, last_day, outbound, day),
            last_day=day if newest else last_day,
            last_channel=fact.channel if newest else self.last_channel,
        )


def _counts(direction: Direction) -> tuple[float, float]:
    match direction:
        case Direction.INBOUND:
            return 1.0, 0.0
        case Direction.OUTBOUND:
            return 0.0, 1.0
        case _ as never:
            assert_never(never)
