"""Who is flagged: most at stake first, with reasons, and with bounded memory."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.values import Money
from infra.folder import DataFolder
from services.ops.cards import card_now
from services.ops.flagged import FlaggedList, flagged
from services.ops.freshness import NothingFolded
from tests.unit.ops.folders import (
    assigned,
    id_of,
    order,
    read,
    ref,
    registered,
    regular,
    written,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Three who went silent, with much, little and middling sums; one who still buys."""
    return written(
        tmp_path_factory.mktemp("flagged"),
        [
            *regular("small", 500),
            *regular("large", 90_000),
            *regular("middle", 7_000, until=90),
            *regular("buying", 50_000, until=150),
            registered("large", 2),
            assigned("large", 3, "ACME", "m.li"),
        ],
        155,
    )


def listed(folder: DataFolder, limit: int = 10) -> FlaggedList:
    found = read(folder, lambda reading: flagged(reading, limit))
    assert isinstance(found, FlaggedList)
    return found


def test_most_at_stake_comes_first(folder: DataFolder) -> None:
    assert [entry.customer.key for entry in listed(folder).customers] == [
        "large",
        "middle",
        "small",
    ]


def test_who_still_buys_is_not_flagged(folder: DataFolder) -> None:
    assert id_of("buying") not in {entry.customer_id for entry in listed(folder).customers}


def test_each_is_listed_with_reason_stake_owner_and_since_when(folder: DataFolder) -> None:
    first = listed(folder).customers[0]

    assert first.customer == ref("large")
    assert first.customer_id == id_of("large")
    assert first.kind == "group-small"
    assert (first.placement.account, first.placement.owner) == ("ACME", "m.li")
    assert first.since == datetime.date(2011, 5, 24)
    assert first.signals[0].figures.days_since_order == 55
    assert first.signals[0].figures.usual_gap == 10.0


def test_stake_and_figures_are_those_of_the_card(folder: DataFolder) -> None:
    for entry in listed(folder).customers:
        view = read(folder, lambda reading, entry=entry: card_now(reading, entry.customer_id))

        assert view.card.stake == entry.stake
        assert view.card.signals == entry.signals


def test_without_an_account_a_customer_is_its_own(folder: DataFolder) -> None:
    assert listed(folder).customers[1].placement.account == id_of("middle")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_limit_shortens_the_list_but_not_the_sums(folder: DataFolder, limit: int) -> None:
    whole, short = listed(folder), listed(folder, limit)

    assert short.customers == whole.customers[:limit]
    assert short.flagged == 3
    assert short.stake == Money(sum(entry.stake.amount for entry in whole.customers), "GBP")


def test_equal_stakes_are_in_the_order_of_ids(tmp_path: Path) -> None:
    twins = [one for key in ("a", "b", "c", "d") for one in regular(key)]

    ids = [entry.customer_id for entry in listed(written(tmp_path, twins, 155)).customers]

    assert ids == sorted(ids)
    assert len(ids) == 4


def test_the_list_says_how_fresh_it_is(folder: DataFolder) -> None:
    fresh = listed(folder).freshness

    assert fresh.as_of == fresh.open_day == datetime.date(2011, 6, 7)
    assert fresh.records_behind == 0


def test_a_list_behind_the_log_is_as_of_its_own_day(tmp_path: Path) -> None:
    written(tmp_path, regular("A"), 155)
    folder = written(tmp_path, [order("A", 160)], fold=False)

    found = listed(folder)

    assert found.freshness.as_of == datetime.date(2011, 6, 7)
    assert found.freshness.open_day == datetime.date(2011, 6, 12)
    assert found.freshness.records_behind == 6
    assert found.flagged == 1  # the order that ends the silence is not folded in yet


def test_who_buys_again_is_flagged_no_more(tmp_path: Path) -> None:
    written(tmp_path, regular("A"), 155)
    folder = written(tmp_path, [order("A", 160)])

    assert listed(folder).customers == ()
    assert listed(folder).stake == Money(0, "GBP")


def test_where_nothing_was_folded_there_is_no_list(tmp_path: Path) -> None:
    folder = written(tmp_path, regular("A"), 155, fold=False)

    found = read(folder, lambda reading: flagged(reading, 10))

    assert isinstance(found, NothingFolded)
    assert found.records > 155


def test_a_list_is_written_as_json_that_reads_back(folder: DataFolder) -> None:
    found = listed(folder)

    assert msgspec.json.decode(msgspec.json.encode(found), type=FlaggedList) == found
