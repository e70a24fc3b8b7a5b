"""What stands in ``crm.control`` about the models of a projection, and who wrote it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import ImportEnded, ImportStarted, ModelDecided
from events.marks import DayOpened
from infra.log.records import ControlRecord


class RecordedDecision(NamedTuple):
    """A decision; ``passed_over`` where the clock wrote it, in order not to wait for the learner."""

    decided: ModelDecided
    passed_over: bool


def recorded_decisions(
    records: Sequence[ControlRecord], projection: str
) -> dict[int, RecordedDecision]:
    """Return the decision of each day. Of two for the same day the first one stands."""
    found: dict[int, RecordedDecision] = {}
    for event, following, importing in _in_order(records):
        if isinstance(event, ModelDecided) and event.projection == projection:
            passed_over = not importing and _is_of_the_clock(event, following)
            found.setdefault(day_number(event.day), RecordedDecision(event, passed_over))
    return found


def _in_order(
    records: Sequence[ControlRecord],
) -> Iterator[tuple[msgspec.Struct, msgspec.Struct | None, bool]]:
    """Yield each event, the one after it, and whether an import has the log."""
    events = [REGISTRY.decode(record.type, record.data) for record in records]
    importing = False
    for event, following in pairwise([*events, None]):
        if event is None:
            continue
        if isinstance(event, ImportStarted | ImportEnded):
            importing = isinstance(event, ImportStarted)
        yield event, following, importing


def _is_of_the_clock(decided: ModelDecided, following: msgspec.Struct | None) -> bool:
    """Tell whether it was written in the transaction that opened its day, as the clock does."""
    unchanged = decided.model is None and decided.refused is None
    return unchanged and isinstance(following, DayOpened) and following.day == decided.day
