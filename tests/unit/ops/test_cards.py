"""The card as it stands: figures, the facts behind a signal, and how fresh they are."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.signals import SignalReason
from events.values import Money, Quantity
from infra.folder import DataFolder
from services.ops.cards import CardView, NoCard, NotFoldedYet, card_now
from tests.unit.ops.folders import (
    PROJECTION,
    RELEASE,
    assigned,
    id_of,
    order,
    read,
    ref,
    registered,
    regular,
    returned,
    usage,
    written,
)

HISTORY = [
    *regular("A"),
    registered("A", 0, "Somebody"),
    assigned("A", 3, "ACME", "m.li"),
    returned("A", 40, 250),
    usage("A", 60, 3.25),
    order("B", 150),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A orders every ten days up to day 100, and is silent until day 160."""
    return written(tmp_path_factory.mktemp("cards"), HISTORY, 160)


def now(folder: DataFolder, key: str) -> CardView | NoCard | NotFoldedYet:
    return read(folder, lambda reading: card_now(reading, id_of(key)))


def card_of(folder: DataFolder, key: str) -> CardView:
    view = now(folder, key)
    assert isinstance(view, CardView)
    return view


def test_a_card_says_who_it_is_about(folder: DataFolder) -> None:
    view = card_of(folder, "A")

    assert view.customer == ref("A")
    assert view.card.kind == "group-small"
    assert view.card.industry == "retail"
    assert view.card.placement.account == "ACME"
    assert view.card.placement.owner == "m.li"
    assert view.card.placement.region == "north"
    assert view.card.placement.tier == "gold"


def test_a_card_says_why_in_figures(folder: DataFolder) -> None:
    (signal,) = card_of(folder, "A").card.signals

    assert signal.reason is SignalReason.UNUSUALLY_QUIET
    assert signal.detector == "silence-1"
    assert signal.raised_on == datetime.date(2011, 5, 24)
    assert signal.figures.days_since_order == 60
    assert signal.figures.usual_gap == 10.0
    assert signal.figures.gaps_seen == 10


def test_a_card_holds_the_facts_behind_its_signal(folder: DataFolder) -> None:
    (evidence,) = card_of(folder, "A").evidence

    assert evidence.reason is SignalReason.UNUSUALLY_QUIET
    assert evidence.window.fact_type == "crm.order.placed.v1"
    assert evidence.window.first_day == datetime.date(2011, 1, 3)
    assert evidence.window.last_day == datetime.date(2011, 4, 13)
    assert evidence.facts == 11
    assert len(evidence.newest) == 10
    assert {line.type for line in evidence.newest} == {"crm.order.placed.v1"}
    assert evidence.newest[0].day == datetime.date(2011, 4, 13)


def test_a_card_lists_the_ten_latest_facts_newest_first(folder: DataFolder) -> None:
    latest = card_of(folder, "A").latest_facts

    assert len(latest) == 10
    assert [line.time for line in latest] == sorted((line.time for line in latest), reverse=True)
    assert latest[0].id == "order-A-100-10000"
    assert latest[0].money == Money(10_000, "GBP")


def test_usage_is_listed_with_service_and_quantity(folder: DataFolder) -> None:
    (line,) = [line for line in card_of(folder, "A").latest_facts if "usage" in line.type]

    assert (line.service, line.quantity, line.money) == ("mobile-data", Quantity(3.25, "GB"), None)


def test_a_card_says_how_fresh_it_is_and_what_folded_it(folder: DataFolder) -> None:
    view = card_of(folder, "A")

    assert view.card.day == datetime.date(2011, 6, 12)
    assert view.at is None
    assert view.records_behind == 0
    assert view.projection == PROJECTION
    assert view.fingerprint == RELEASE
    assert view.quarantined is None


def test_a_customer_who_buys_has_no_signal_and_no_evidence(folder: DataFolder) -> None:
    view = card_of(folder, "B")

    assert view.card.signals == ()
    assert view.evidence == ()


def test_no_personal_field_stands_on_a_card(folder: DataFolder) -> None:
    assert b"Somebody" not in msgspec.json.encode(card_of(folder, "A"))


def test_a_card_is_written_as_json_that_reads_back(folder: DataFolder) -> None:
    view = card_of(folder, "A")

    assert msgspec.json.decode(msgspec.json.encode(view), type=CardView) == view


def test_of_a_stranger_there_is_no_card(folder: DataFolder) -> None:
    assert now(folder, "stranger") == NoCard(id_of("stranger"), None)


def test_a_customer_whose_facts_are_not_folded_has_no_card_yet(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)], fold=False)

    assert now(folder, "A") == NotFoldedYet(id_of("A"), 3)


def test_a_new_customer_behind_the_position_has_no_card_yet(tmp_path: Path) -> None:
    written(tmp_path, [order("A", 0)])
    folder = written(tmp_path, [order("B", 0)], fold=False)

    assert now(folder, "B") == NotFoldedYet(id_of("B"), 1)


def test_facts_that_are_not_folded_are_not_listed_but_counted(tmp_path: Path) -> None:
    written(tmp_path, [order("A", 0)])
    folder = written(tmp_path, [order("A", 1), order("A", 2)], fold=False)

    view = card_of(folder, "A")

    assert view.card.facts == 1
    assert [line.id for line in view.latest_facts] == ["order-A-0-10000"]
    assert view.records_behind == 4  # two days opened, two facts
    assert view.card.day == datetime.date(2011, 1, 3)
