"""A card with a churn score, made by hand, and the facts behind it."""

import datetime

import msgspec

from events.figures import (
    Band,
    ChurnFigures,
    Evidence,
    GroupShare,
    RawFigure,
    ReasonGroup,
    ScoreChange,
    ScoreReason,
)
from events.interactions import Channel
from events.profiles import (
    ComplaintFigures,
    ContactFigures,
    CustomerCard,
    LifeCycle,
    LifeStage,
    PurchaseFigures,
    StandingSignal,
)
from events.signals import Placement, SignalReason, ValueSegment
from events.values import CustomerId, Money
from services.ops.cards import CardView, SignalEvidence
from services.ops.fact_lines import FactLine
from services.ops.score_evidence import ReasonEvidence
from tests.unit.ops.folders import PROJECTION, RELEASE, id_of, ref

ORDER, COMPLAINT = "crm.order.placed.v1", "crm.complaint.opened.v1"


def day(month: int, number: int) -> datetime.date:
    return datetime.date(2011, month, number)


def figures(**values: float) -> tuple[RawFigure, ...]:
    """Raw figures; an underscore in a name is a dash."""
    return tuple(RawFigure(name.replace("_", "-"), value) for name, value in values.items())


def shares(*amounts: float) -> tuple[GroupShare, ...]:
    """One amount a group, in the order of the groups."""
    return tuple(
        GroupShare(group, amount) for group, amount in zip(ReasonGroup, amounts, strict=True)
    )


ORDERS_BEHIND = Evidence(ORDER, day(1, 3), day(7, 6))
COMPLAINTS_BEHIND = Evidence(COMPLAINT, day(6, 6), day(9, 5))
RHYTHM = ScoreReason(
    ReasonGroup.GAP,
    1.25,
    figures(days_since_order=61.0, usual_gap=19.0, purchase_days_182=9.25, buy_again=0.314),
    ORDERS_BEHIND,
)
SPEND = ScoreReason(
    ReasonGroup.SPEND_TREND,
    0.5,
    figures(spent_91=98_050.4, last_amount=12_000.0, orders_91=2.4),
    ORDERS_BEHIND,
)
COMPLAINTS = ScoreReason(
    ReasonGroup.COMPLAINTS,
    0.25,
    figures(severity_91=3.5, open_complaints=1.0, unsatisfied=2.0),
    COMPLAINTS_BEHIND,
)
CHANGE = ScoreChange(day(8, 29), 1.0, shares(0.333, 0.333, 0.0, 0.333, -0.25, 0.0), -0.374)
CHURN = ChurnFigures(
    model="5c1f0e8a90b2d347",
    horizon_days=91,
    log_odds=1.375,
    probability=0.712,
    band=Band.HIGH,
    base=-0.5,
    shares=shares(1.25, 0.5, 0.0, 0.25, -0.125, 0.0),
    reasons=(RHYTHM, SPEND, COMPLAINTS),
    change=CHANGE,
)
LEARNING = msgspec.structs.replace(CHURN, probability=None)
LIFE = LifeCycle(LifeStage.DECLINING, -0.4, 61, potential_high_value=False)
RISK = StandingSignal(SignalReason.CHURN_RISK, "churn-1", day(9, 1), CHURN)


def bought(month: int, number: int, pence: int) -> FactLine:
    return _line(ORDER, day(month, number), money=Money(pence, "GBP"))


def complained(month: int, number: int) -> FactLine:
    return _line(COMPLAINT, day(month, number), category="billing")


def met(month: int, number: int) -> FactLine:
    return _line("crm.interaction.recorded.v1", day(month, number), channel=Channel.CALL)


def _line(type_name: str, on: datetime.date, **more: object) -> FactLine:
    noon = datetime.datetime.combine(on, datetime.time(12, tzinfo=datetime.UTC))
    line = FactLine(noon, on, type_name, "shop", f"{type_name}-{on}", 7)
    return msgspec.structs.replace(line, **more)


NEWEST = tuple(bought(month, 6, 12_000) for month in (7, 6, 5, 4, 3))
BEHIND = (
    ReasonEvidence(ReasonGroup.GAP, ORDERS_BEHIND, 12, NEWEST),
    ReasonEvidence(ReasonGroup.SPEND_TREND, ORDERS_BEHIND, 12, NEWEST),
    ReasonEvidence(ReasonGroup.COMPLAINTS, COMPLAINTS_BEHIND, 1, (complained(8, 30),)),
)


def card(
    churn: ChurnFigures | None = CHURN,
    segment: ValueSegment | None = ValueSegment.HIGH,
    life_cycle: LifeCycle | None = LIFE,
    signals: tuple[StandingSignal, ...] = (),
) -> CustomerCard:
    return CustomerCard(
        customer_id=CustomerId(id_of("A")),
        day=day(9, 5),
        kind="group-small",
        industry=None,
        placement=Placement("ACME", "m.li", "north", "gold"),
        facts=13,
        late_facts=0,
        purchases=PurchaseFigures(
            day(1, 3), day(7, 6), 12, 12, 0, 144_000, 0, 12_000, 98_050.4, 19.0
        ),
        services=(),
        services_left_out=0,
        complaints=ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None),
        contacts=ContactFigures(0.0, 0.0, None, None),
        stake=Money(125_000, "GBP"),
        signals=signals,
        churn=churn,
        segment=segment,
        life_cycle=life_cycle,
    )


def view(shown: CustomerCard, behind: tuple[ReasonEvidence, ...] = BEHIND) -> CardView:
    """A card with the evidence of its reasons; a silence rests on the orders."""
    return CardView(
        customer=ref("A"),
        card=shown,
        evidence=tuple(
            SignalEvidence(signal.reason, ORDERS_BEHIND, 12, NEWEST)
            for signal in shown.signals
            if not isinstance(signal.figures, ChurnFigures)
        ),
        score_evidence=behind,
        latest_facts=NEWEST,
        at=None,
        records_behind=0,
        projection=PROJECTION,
        fingerprint=RELEASE,
    )
