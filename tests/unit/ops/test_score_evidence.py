"""The facts behind the reasons of a score, found in the log by type and window."""

import datetime
from pathlib import Path

import pytest

from events.complaints import ComplaintOpened, Severity
from events.figures import Evidence, ReasonGroup, ScoreReason
from events.interactions import Channel, Direction, InteractionRecorded
from events.profiles import CustomerCard
from infra.folder import DataFolder
from infra.log.records import FactRecord, NewFact
from services.ops.cards import CardView, card_at, card_now
from services.ops.score_evidence import facts_in, score_evidence
from tests.unit.ops.folders import (
    START,
    fact,
    id_of,
    moment,
    order,
    read,
    ref,
    regular,
    returned,
    written,
)
from tests.unit.ops.scored import CHURN

ORDER, RETURN = "crm.order.placed.v1", "crm.order.returned.v1"
CONTACT, COMPLAINT = "crm.interaction.recorded.v1", "crm.complaint.opened.v1"


def call(days: int) -> NewFact:
    event = InteractionRecorded(ref("A"), Channel.CALL, Direction.INBOUND, "invoice")
    return fact(event, f"call-{days}", moment(days))


HISTORY = [
    *regular("A"),
    order("A", 50, 2_500),
    returned("A", 40, 250),
    call(60),
    fact(ComplaintOpened(ref("A"), "c1", "billing", Severity.HIGH), "c1", moment(70)),
    *regular("B"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return written(tmp_path_factory.mktemp("evidence"), HISTORY, 120)


@pytest.fixture(scope="module")
def facts(folder: DataFolder) -> list[FactRecord]:
    return list(read(folder, lambda reading: reading.archive.slice(id_of("A"), reading.ends[0])))


def window(fact_type: str, first: int, last: int) -> Evidence:
    """A window from one day after the start to another."""
    return Evidence(fact_type, START + datetime.timedelta(first), START + datetime.timedelta(last))


COUNTS = [
    # type, first day, last day, facts
    (ORDER, 0, 120, 12),
    (ORDER, 0, 0, 1),
    (ORDER, 1, 9, 0),
    (ORDER, 40, 60, 4),  # both ends belong to it, and two orders of one day are two
    (ORDER, 41, 59, 2),
    (RETURN, 0, 120, 1),
    (RETURN, 41, 120, 0),
    (CONTACT, 60, 60, 1),
    (COMPLAINT, 0, 120, 1),
    ("crm.visit.made.v3", 0, 120, 0),
]


@pytest.mark.parametrize(("fact_type", "first", "last", "number"), COUNTS)
def test_a_window_holds_the_facts_of_its_type_and_days(
    facts: list[FactRecord], fact_type: str, first: int, last: int, number: int
) -> None:
    assert len(facts_in(window(fact_type, first, last), facts)) == number


def test_each_reason_has_its_facts_in_the_order_of_the_reasons(facts: list[FactRecord]) -> None:
    reasons = (
        ScoreReason(ReasonGroup.COMPLAINTS, 0.9, (), window(COMPLAINT, 0, 120)),
        ScoreReason(ReasonGroup.GAP, 0.5, (), window(ORDER, 0, 120)),
        ScoreReason(ReasonGroup.CONTACTS, 0.1, (), window(CONTACT, 61, 120)),
    )
    churn = type(CHURN)(CHURN.model, 91, 1.5, None, CHURN.band, 0.0, CHURN.shares, reasons, None)

    complaints, gap, contacts = score_evidence(churn, facts)

    assert (complaints.group, complaints.facts) == (ReasonGroup.COMPLAINTS, 1)
    assert complaints.window == window(COMPLAINT, 0, 120)
    assert [line.category for line in complaints.newest] == ["billing"]
    assert (gap.group, gap.facts) == (ReasonGroup.GAP, 12)
    assert [line.id for line in gap.newest] == [
        "order-A-100-10000",
        "order-A-90-10000",
        "order-A-80-10000",
        "order-A-70-10000",
        "order-A-60-10000",
    ]
    assert (contacts.facts, contacts.newest) == (0, ())


def test_without_a_score_or_without_reasons_nothing_stands_behind_it(
    facts: list[FactRecord],
) -> None:
    calm = type(CHURN)(CHURN.model, 91, -2.0, None, CHURN.band, 0.0, CHURN.shares, (), None)

    assert score_evidence(None, facts) == ()
    assert score_evidence(calm, facts) == ()


def reasons_of(card: CustomerCard) -> list[tuple[ReasonGroup, Evidence]]:
    reasons = () if card.churn is None else card.churn.reasons
    return [(reason.group, reason.evidence) for reason in reasons]


def test_a_card_holds_one_evidence_for_each_reason(folder: DataFolder) -> None:
    now = read(folder, lambda reading: card_now(reading, id_of("A")))
    then = read(folder, lambda reading: card_at(reading, id_of("A"), moment(80)))

    for view in (now, then):
        assert isinstance(view, CardView)
        behind = [(entry.group, entry.window) for entry in view.score_evidence]
        assert behind == reasons_of(view.card)


def test_a_card_of_who_never_bought_has_none(tmp_path: Path) -> None:
    folder = written(tmp_path, [call(0)])
    view = read(folder, lambda reading: card_now(reading, id_of("A")))

    assert isinstance(view, CardView)
    assert view.score_evidence == ()
