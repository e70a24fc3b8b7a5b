"""How a customer came to where it stands: what was said of it, how its risk went, what was expected.

All of it is folded from the customer's slice, so it is the same after a rebuild, and as of any day.
"""

from collections.abc import Sequence

import msgspec

from domain.customer.slice import Said
from domain.customer.stake import ExpectedSpend, expected_spend
from domain.customer.state import CustomerState
from domain.customer.usual import usual_use
from domain.detection.churn import LastLook
from domain.detection.churn_score import band, change, score, shares
from domain.detection.day_model import ModelHistory
from domain.learning.scoring import probability
from events.calendar import day_number
from events.figures import Band, GroupShare, ScoreChange
from events.profiles import UsualUse
from events.snapshots import SnapshotTaken
from events.values import CustomerId
from infra.log.records import FactRecord
from services.ops.known import fold_known, known_at, known_now
from services.ops.reading import Reading


class RiskPoint(msgspec.Struct, frozen=True):
    """The score of one weekly turn. ``base`` plus ``shares`` is ``log_odds``.

    So is ``change.before`` plus its parts plus what another model says; null in the first turn.
    ``probability`` is null until a percentage can be believed.
    """

    day: int
    log_odds: float
    probability: float | None
    band: Band
    model: str
    base: float
    shares: tuple[GroupShare, ...]
    change: ScoreChange | None


class ExpectedDay(msgspec.Struct, frozen=True):
    """What was expected at the opening of a day: of spend over 91 days, of the use of that day."""

    day: int
    spend: ExpectedSpend
    usual: tuple[UsualUse, ...]


class CustomerPast(msgspec.Struct, frozen=True):
    """Facts in the order of the log, what was said at which of them, risk and expectation by day.

    ``today`` is the day that was open.
    """

    today: int
    facts: Sequence[FactRecord]
    said: Sequence[Said]
    risk: tuple[RiskPoint, ...]
    expected: tuple[ExpectedDay, ...]


async def past_of(
    reading: Reading, customer_id: CustomerId, instant: int | None
) -> CustomerPast | None:
    """Return a customer's past as of an instant, None for now; None where nothing was known.

    Raises `OtherReleaseError` where another release folded the states that the past leads up to.
    """
    reading.states()
    if instant is None:
        known = await known_now(reading, customer_id)
    else:
        known = await known_at(reading, customer_id, instant)
    expected: list[ExpectedDay] = []

    def on_due_day(day: int, state: CustomerState) -> None:
        spend = expected_spend(state.purchases, day)
        expected.append(ExpectedDay(day, spend, usual_use(state.consumption, day)))

    folded = fold_known(reading, known, on_due_day)
    today = known.marks.today(known.last)
    if folded.state is None or today is None:
        return None
    risk = _risk(folded.said, reading.models)
    return CustomerPast(today, known.facts, folded.said, risk, tuple(expected))


def _risk(said: Sequence[Said], models: ModelHistory) -> tuple[RiskPoint, ...]:
    """Take apart the score of each weekly turn, since models have seen enough to be shown."""
    points: list[RiskPoint] = []
    before: LastLook | None = None
    for output in said:
        if isinstance(output.event, SnapshotTaken):
            taken, day = output.event, day_number(output.event.day)
            model = models.of(day)
            if model.is_taught:
                scored = score(model, taken.inputs)
                certain = model.says_percentages
                points.append(
                    RiskPoint(
                        day=day,
                        log_odds=scored.log_odds,
                        probability=probability(scored.log_odds) if certain else None,
                        band=band(scored.log_odds),
                        model=model.version,
                        base=model.model.scorer.intercept,
                        shares=shares(scored),
                        change=change(scored, before, day),
                    )
                )
            before = LastLook.of(day, taken.log_odds, taken.inputs)
    return tuple(points)
