"""Consumption on the screen: what was used and what is usual, in both languages; what stands behind it."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.control import SourceScheduled
from events.figures import ConsumptionFigures
from events.profiles import StandingSignal
from events.signals import SignalReason
from infra.folder import DataFolder
from infra.log.sqlite import SqliteLog
from services.ops.cards import CardView, card_now
from services.ops.flagged import FlaggedList, flagged
from services.ops.rendering.card import render_card
from services.ops.rendering.consumption import amount_words
from services.ops.rendering.flagged import render_flagged
from services.ops.rendering.wording import reason_sentence
from tests.support.metered import ordinary
from tests.unit.ops.folders import id_of, order, read, usage, written
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen, words

FIGURES = ConsumptionFigures(
    service="mobile-data",
    unit="GB",
    day=datetime.date(2025, 5, 5),
    total=3.125,
    expected=7.4,
    expected_low=6.0,
    expected_high=9.125,
    deviation=-7.75,
    evidence=1.5,
    threshold=5.0,
)
DROP = StandingSignal(
    SignalReason.CONSUMPTION_DROP, "metering-1", datetime.date(2025, 5, 6), FIGURES
)
DAYS = 90
"""The day on which nothing is used, of a customer whose orders have ended as well."""


def test_a_reason_says_what_was_used_and_what_is_usual() -> None:
    assert reason_sentence(DROP, ENGLISH) == (
        "mobile-data: used 3.1 GB on 2025-05-05, usual 6 to 9.1"
    )


def test_it_says_so_in_chinese() -> None:
    assert reason_sentence(DROP, CHINESE) == (
        "mobile-data：2025年5月5日 使用 3.1 GB，通常为 6 至 9.1"
    )


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0.0, "0"), (0.0625, "0.062"), (3.125, "3.1"), (9.0, "9"), (99.96, "100"), (1234.5, "1,234")],
)
def test_an_amount_is_as_exact_as_it_is_of_use(amount: float, said: str) -> None:
    assert amount_words(amount, ENGLISH) == said


async def declare(log: SqliteLog) -> None:
    await log.schedule(SourceScheduled("shop", ("mobile-data",), 0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A uses data every day until day 89, and buys every five days until day 50; both are over.

    B goes on, so that the feed of day 90 comes."""
    path = tmp_path_factory.mktemp("metered")
    written(path, [], work=declare, fold=False)
    facts = [usage("A", day, ordinary(day)) for day in range(DAYS)]
    facts += [usage("B", day, ordinary(day)) for day in range(DAYS + 1)]
    return written(path, [*facts, *(order("A", day) for day in range(0, 51, 5))], DAYS + 1)


def view_of(folder: DataFolder) -> CardView:
    view = read(folder, lambda reading: card_now(reading, id_of("A")))
    assert isinstance(view, CardView)
    return view


def test_each_standing_signal_has_the_facts_behind_it(folder: DataFolder) -> None:
    view = view_of(folder)

    assert [signal.reason for signal in view.card.signals] == [
        SignalReason.UNUSUALLY_QUIET,
        SignalReason.CONSUMPTION_DROP,
    ]
    quiet, drop = view.evidence
    assert (quiet.reason, quiet.facts) == (SignalReason.UNUSUALLY_QUIET, 11)
    assert (drop.reason, drop.facts) == (SignalReason.CONSUMPTION_DROP, 27)
    assert drop.window.fact_type == "crm.usage.recorded.v1"
    assert [line.service for line in drop.newest] == ["mobile-data"] * 10


def test_a_card_shows_both_with_their_figures(folder: DataFolder) -> None:
    said = words(render_card(view_of(folder), ENGLISH, LONDON_CLOCKS))

    assert "no order for 41 days, usual gap 5" in said
    assert "mobile-data: used 0 GB on 2011-04-03, usual" in said
    assert "consumption dropped since 2011-04-04; off by -" in said
    assert "threshold 5 (metering-1)" in said
    assert "behind it: 27 records of use from 2011-03-07 to 2011-04-03" in said
    assert "Usual a day" in said


def test_a_card_shows_them_in_chinese(folder: DataFolder) -> None:
    said = words(render_card(view_of(folder), CHINESE, LONDON_CLOCKS))

    assert "自 2011年4月4日 起用量骤降" in said
    assert "27 条用量记录" in said
    assert "每日通常" in said


def test_a_flagged_customer_is_listed_with_both(folder: DataFolder) -> None:
    listed = read(folder, lambda reading: flagged(reading, 20))
    assert isinstance(listed, FlaggedList)

    said = screen(render_flagged(listed, ENGLISH), 120)

    assert "no order for 41 days" in said
    assert "mobile-data: used 0 GB on 2011-04-03" in said


def test_a_service_that_is_not_watched_has_no_usual_use(tmp_path: Path) -> None:
    folder = written(tmp_path, [usage("A", day, ordinary(day)) for day in range(DAYS)], DAYS + 1)
    view = view_of(folder)

    assert view.card.usual == ()
    assert "Usual a day" not in screen(render_card(view, ENGLISH, LONDON_CLOCKS))


def test_a_card_with_a_band_goes_to_programs_as_it_is(folder: DataFolder) -> None:
    (usual,) = view_of(folder).card.usual

    assert msgspec.to_builtins(usual).keys() == {"service", "unit", "low", "expected", "high"}
