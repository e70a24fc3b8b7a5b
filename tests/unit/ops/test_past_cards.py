"""The card as of a moment of the past: what was known then, and nothing that came after."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.calendar import instant_of
from infra.folder import DataFolder
from infra.log.records import NewFact
from services.ops.cards import CardView, NoCard, card_at, card_now
from tests.unit.ops.folders import (
    LONDON,
    assigned,
    id_of,
    moment,
    order,
    read,
    registered,
    regular,
    returned,
    usage,
    written,
)

BEFORE = [
    *regular("A"),
    registered("A", 0),
    returned("A", 40, 250),
    usage("A", 60, 3.25),
    *regular("B", 700, until=90),
]


def at(folder: DataFolder, instant: int, key: str = "A") -> CardView | NoCard:
    return read(folder, lambda reading: card_at(reading, id_of(key), instant))


def card_as_of(folder: DataFolder, instant: int, key: str = "A") -> CardView:
    view = at(folder, instant, key)
    assert isinstance(view, CardView)
    return view


def end_of(days: int) -> int:
    return LONDON.end_of(LONDON.day_of(moment(days)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return written(tmp_path_factory.mktemp("past"), BEFORE, 160)


@pytest.mark.parametrize("key", ["A", "B"])
def test_at_the_end_of_the_open_day_it_is_the_stored_card(folder: DataFolder, key: str) -> None:
    stored = read(folder, lambda reading: card_now(reading, id_of(key)))

    past = card_as_of(folder, end_of(160), key)

    assert msgspec.structs.replace(past, at=None) == stored


@pytest.mark.parametrize("days", [0, 40, 61, 100, 140, 141, 142, 160])
def test_the_card_of_a_day_is_the_one_that_stood_at_its_end(
    folder: DataFolder, tmp_path: Path, days: int
) -> None:
    # given a folder that ends on that day
    then = written(
        tmp_path, [one for one in BEFORE if one.day <= LONDON.day_of(moment(days))], days
    )
    stood = read(then, lambda reading: card_now(reading, id_of("A")))

    # when the longer one is asked for it
    past = card_as_of(folder, end_of(days))

    # then both say the same; offsets too, as nothing was written in between
    assert isinstance(past, CardView)
    assert isinstance(stood, CardView)
    assert past.card == stood.card
    assert past.evidence == stood.evidence
    assert past.latest_facts == stood.latest_facts


AFTER = [
    order("A", 101, 999_999),
    order("A", 120, 1),
    returned("A", 121, 5),
    usage("A", 130, 1e9),
    registered("A", 131),
    assigned("A", 132, "OTHER", "somebody.else"),
]


@pytest.mark.parametrize("fact", AFTER, ids=lambda fact: fact.id)
def test_a_fact_after_it_changes_nothing(tmp_path: Path, fact: NewFact) -> None:
    without = written(tmp_path / "without", BEFORE, 160)
    with_it = written(tmp_path / "with", [*BEFORE, fact], 160)

    assert card_as_of(with_it, end_of(100)) == card_as_of(without, end_of(100))
    assert card_as_of(with_it, end_of(140)) != card_as_of(without, end_of(140))


def test_a_later_fact_of_the_same_day_changes_nothing(tmp_path: Path) -> None:
    noon, evening = (
        order("A", 100),
        msgspec.structs.replace(
            order("A", 100, 77), time=moment(100, datetime.time(18, tzinfo=datetime.UTC))
        ),
    )
    folder = written(tmp_path, [noon, evening], 120)

    at_one = card_as_of(folder, moment(100) + 3_600_000_000)

    assert at_one.card.purchases.orders == 1
    assert card_as_of(folder, end_of(100)).card.purchases.orders == 2


def test_the_moment_itself_counts(tmp_path: Path) -> None:
    folder = written(tmp_path, [order("A", 0)], 5)

    assert isinstance(at(folder, moment(0)), CardView)
    assert at(folder, moment(0) - 1) == NoCard(
        id_of("A"), datetime.datetime(2011, 1, 3, 11, 59, 59, 999_999, tzinfo=datetime.UTC)
    )


def test_a_late_fact_is_known_from_the_day_it_arrived_on(tmp_path: Path) -> None:
    # given an order of day 5 that arrives on day 20
    written(tmp_path, [order("A", 0)], 20)
    folder = written(tmp_path, [order("A", 5)], 30)

    assert card_as_of(folder, end_of(5)).card.purchases.orders == 1
    assert card_as_of(folder, end_of(19)).card.purchases.orders == 1
    assert card_as_of(folder, end_of(20)).card.purchases.orders == 2
    assert card_as_of(folder, end_of(20)).card.late_facts == 1


def test_a_fact_that_arrives_later_on_the_day_of_the_moment_counts_if_it_happened_by_then(
    tmp_path: Path,
) -> None:
    # given an order of the evening, and after it, on the same day, one of noon
    evening = moment(5, datetime.time(18, tzinfo=datetime.UTC))
    written(tmp_path, [msgspec.structs.replace(order("A", 5, 77), time=evening)], 5)
    folder = written(tmp_path, [order("A", 5)], 5)

    # then the one of noon is on the card as of noon, and the one of the evening is not
    assert card_as_of(folder, moment(5)).card.purchases.last_amount == 10_000
    assert card_as_of(folder, moment(5)).card.purchases.orders == 1
    assert card_as_of(folder, evening).card.purchases.orders == 2


def test_a_signal_stands_from_the_day_it_was_raised_on(folder: DataFolder) -> None:
    raised = datetime.date(2011, 5, 24)
    days = (raised - datetime.date(2011, 1, 3)).days

    assert card_as_of(folder, end_of(days - 1)).card.signals == ()
    assert card_as_of(folder, end_of(days)).card.signals[0].raised_on == raised


def test_figures_of_a_past_card_are_as_of_then(folder: DataFolder) -> None:
    (signal,) = card_as_of(folder, end_of(150)).card.signals

    assert signal.figures.days_since_order == 50


def test_before_the_first_fact_there_is_no_card(folder: DataFolder) -> None:
    before = instant_of(datetime.datetime(2010, 12, 31, tzinfo=datetime.UTC))

    assert at(folder, before) == NoCard(
        id_of("A"), datetime.datetime(2010, 12, 31, tzinfo=datetime.UTC)
    )


def test_beyond_the_open_day_it_is_the_newest_card(folder: DataFolder) -> None:
    beyond = card_as_of(folder, end_of(400))

    assert beyond.card == card_as_of(folder, end_of(160)).card
    assert beyond.card.day == datetime.date(2011, 6, 12)


def test_of_a_stranger_there_is_no_past_card(folder: DataFolder) -> None:
    assert isinstance(at(folder, end_of(100), "stranger"), NoCard)


def test_a_folder_without_a_projection_has_past_cards(tmp_path: Path) -> None:
    unfolded = written(tmp_path, BEFORE, 160, fold=False)

    assert card_as_of(unfolded, end_of(160)).card.facts == 14


def test_what_was_asked_for_stands_on_the_card(folder: DataFolder) -> None:
    view = card_as_of(folder, moment(100))

    assert view.at == datetime.datetime(2011, 4, 13, 12, tzinfo=datetime.UTC)
    assert view.card.day == datetime.date(2011, 4, 13)
    assert view.records_behind == 0
