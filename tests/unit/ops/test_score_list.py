"""Risks of leaving in the list of flagged customers."""

import msgspec
import pytest

from events.figures import ChurnFigures, SilenceFigures
from events.profiles import StandingSignal
from events.signals import (
    Placement,
    SignalReason,
)
from events.values import CustomerId, Money
from infra.messages.catalogue import Catalogue
from services.ops.flagged import FlaggedCustomer, FlaggedList
from services.ops.freshness import Freshness
from services.ops.rendering.flagged import render_flagged
from tests.unit.ops.folders import PROJECTION, RELEASE, id_of, ref
from tests.unit.ops.scored import LEARNING, RISK, day
from tests.unit.ops.screens import CHINESE, ENGLISH, screen, words

ANNA = CustomerId(id_of("A"))
STAKE = Money(125_000, "GBP")
PLACED = Placement("ACME", "m.li")
SILENCE = SilenceFigures(55, 10.0, 10, 5.4, 9.39, 4.38)
QUIET = StandingSignal(SignalReason.UNUSUALLY_QUIET, "silence-1", day(5, 24), SILENCE)


def entry(key: str, *signals: StandingSignal) -> FlaggedCustomer:
    since = min(signal.raised_on for signal in signals)
    risks = [signal.figures for signal in signals if isinstance(signal.figures, ChurnFigures)]
    churn = risks[0] if risks else None
    return FlaggedCustomer(
        CustomerId(id_of(key)), ref(key), None, PLACED, STAKE, STAKE, since, churn, tuple(signals)
    )


def listed(*entries: FlaggedCustomer) -> FlaggedList:
    fresh = Freshness(day(9, 5), day(9, 5), 0, PROJECTION, RELEASE)
    return FlaggedList(fresh, len(entries), Money(250_000, "GBP"), 0, entries)


LIST = """\
2 customers are flagged, £2,500.00 at stake
as of 2011-09-05, the log's open day

Customer  Why                                                    At stake  Likelihood  Account
──────────────────────────────────────────────────────────────────────────────────────────────
shop:A    likely to leave (71 %): no order for 61 days, usual   £1,250.00  71 %        ACME
          gap 19; little spend lately                                                  m.li
          flagged since 2011-09-01
shop:B    no order for 55 days, usual gap 10                    £1,250.00              ACME
          flagged since 2011-05-24                                                     m.li"""


def test_a_list_with_a_risk_has_a_column_of_likelihoods() -> None:
    assert screen(render_flagged(listed(entry("A", RISK), entry("B", QUIET)), ENGLISH), 94) == LIST


def test_a_list_without_a_risk_has_none() -> None:
    assert "Likelihood" not in screen(render_flagged(listed(entry("B", QUIET)), ENGLISH))


def test_both_reasons_of_a_customer_are_listed() -> None:
    said = screen(render_flagged(listed(entry("A", QUIET, RISK)), ENGLISH), 140)

    assert "no order for 55 days, usual gap 10" in said
    assert "likely to leave (71 %): no order for 61 days, usual gap 19; little spend lately" in said
    assert "flagged since 2011-05-24" in said


def test_while_it_learns_a_list_says_bands() -> None:
    learning = msgspec.structs.replace(RISK, figures=LEARNING)

    said = words(render_flagged(listed(entry("A", learning)), ENGLISH), 140)

    assert "£1,250.00 high, still learning ACME" in said


@pytest.mark.parametrize("catalogue", [ENGLISH, CHINESE])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_list_with_a_risk_fits_its_width(catalogue: Catalogue, width: int) -> None:
    shown = screen(render_flagged(listed(entry("A", RISK, QUIET)), catalogue), width)

    for line in shown.splitlines():
        # a Chinese character takes two columns
        assert sum(1 + (letter > "\u2e7f") for letter in line) <= width
