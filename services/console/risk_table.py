"""The history of a risk as figures that add up as they are shown: before, each part, now."""

from collections.abc import Sequence

import msgspec

from events.figures import ReasonGroup
from services.ops.customer_past import RiskPoint
from services.ops.rendering.card_score import added_up


class RiskRow(msgspec.Struct, frozen=True):
    """One weekly turn in hundredths of log-odds: ``before`` and all ``parts`` are ``now`` exactly.

    In the first turn ``before`` is what an average customer starts from, and the parts are what each
    group adds to that. ``model`` is what another model says of the same inputs.
    """

    point: RiskPoint
    before: float
    parts: tuple[float, ...]
    model: float
    now: float


class RiskTable(msgspec.Struct, frozen=True):
    """Rows, newest first, with a part for each of ``groups``: those that ever said anything."""

    groups: tuple[ReasonGroup, ...]
    rows: tuple[RiskRow, ...]


def risk_table(points: Sequence[RiskPoint]) -> RiskTable:
    """Return the table of at least one weekly turn."""
    groups = tuple(
        group
        for place, group in enumerate(ReasonGroup)
        if any(point.shares[place].log_odds for point in points)
    )
    return RiskTable(groups, tuple(_row(point, groups) for point in reversed(points)))


def _row(point: RiskPoint, groups: Sequence[ReasonGroup]) -> RiskRow:
    change = point.change
    before = point.base if change is None else change.before
    shares = point.shares if change is None else change.parts
    amounts = {share.group: share.log_odds for share in shares}
    model = 0.0 if change is None else change.model
    told = [before, *(amounts[group] for group in groups), model]
    shown = added_up(told)
    return RiskRow(point, shown[0], tuple(shown[1:-1]), shown[-1], round(sum(shown), 2))
