"""A churn score on the card: how likely, what raises it, and what changed, in both languages."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.figures import ChurnFigures, SilenceFigures
from events.profiles import LifeCycle, LifeStage, StandingSignal
from events.signals import SignalReason, ValueSegment
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView
from services.ops.rendering.card import render_card
from services.ops.rendering.card_score import added_up, bar, change_words
from tests.unit.ops import scored
from tests.unit.ops.scored import BEHIND, CHANGE, CHURN, LEARNING, LIFE, RISK, card, view
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen, words


def shown(seen: CardView, catalogue: Catalogue = ENGLISH, width: int = 100) -> str:
    return screen(render_card(seen, catalogue, LONDON_CLOCKS), width)


def said(seen: CardView, catalogue: Catalogue = ENGLISH) -> str:
    return words(render_card(seen, catalogue, LONDON_CLOCKS), 120)


def changed(churn: ChurnFigures, **fields: object) -> ChurnFigures:
    return msgspec.structs.replace(churn, **fields)


CARD = """\
╭─ shop:A ─────────────────────────────────────────────────────────────────────────────────────────╮
│ At stake         £1,250.00 expected over the next 91 days                                        │
│ Likely to leave  71 %: not to buy within 91 days (model 5c1f0e8a90b2d347)                        │
│ Segment          high value                                                                      │
│ Stage            declining, spend a day 40 % below the half-year's                               │
│ Account          ACME                                                                            │
│ Owner            m.li                                                                            │
│ Kind             small group                                                                     │
│ Tier             gold                                                                            │
│ Industry         not said                                                                        │
│ Region           north                                                                           │
│ Customer id      c6c1d382-09b2-5430-8fb2-ea04c27b2320                                            │
╰─ as of 2011-09-05, the log's open day ───────────────────────────────────────────────────────────╯
Why
  • likely to leave (71 %): no order for 61 days, usual gap 19; little spend lately
    likely to leave since 2011-09-01 (churn-1)

What raises the likelihood
  █████ +1.25 order rhythm: no order for 61 days; usual gap 19; 9.2 days with an order in the last
              half-year; 31 % likely to buy again by its rhythm alone
              behind it: 12 orders from 2011-01-03 to 2011-07-06; newest: 2011-07-06 £120.00,
              2011-06-06 £120.00, 2011-05-06 £120.00
  ██     +0.5 spend: £980.50 spent lately; £120.00 on the last day with an order; 2.4 orders lately
              behind it: 12 orders from 2011-01-03 to 2011-07-06; newest: 2011-07-06 £120.00,
              2011-06-06 £120.00, 2011-05-06 £120.00
  █     +0.25 complaints: complaints lately weigh 3.5 by severity; 1 open complaint; 2 resolutions
              left it unsatisfied
              behind it: 1 complaint from 2011-06-06 to 2011-09-05; newest: 2011-08-30 (complaint,
              billing)
  besides: returns -0.12
  an average customer starts from -0.5; all together +1.38
  changed since 2011-08-29 by +0.38: order rhythm +0.33, spend +0.34, complaints +0.33, returns
  -0.25, another model -0.37

Purchases
"""


def test_a_scored_card_looks_like_this() -> None:
    assert shown(view(card(signals=(RISK,)))).startswith(CARD)


def test_a_risk_beside_a_silence_leaves_the_silence_its_own_facts() -> None:
    quiet = StandingSignal(
        SignalReason.UNUSUALLY_QUIET,
        "silence-1",
        scored.day(8, 20),
        SilenceFigures(61, 19.0, 11, 1.8, 5.3, 4.38),
    )
    for signals in ((RISK, quiet), (quiet, RISK)):
        why, _, _ = shown(view(card(signals=signals))).partition("What raises")

        _, _, after = why.partition("• no order for 61 days, usual gap 19\n")
        assert after.startswith("    unusually quiet since 2011-08-20; surprise 5.3 over 4.38")
        assert "behind it: 12 orders from 2011-01-03 to 2011-07-06" in after
        assert why.count("behind it") == 1


def test_a_scored_card_speaks_chinese() -> None:
    text = said(view(card(signals=(RISK,))), CHINESE)

    assert "流失可能 71%：91 天内不再购买（模型 5c1f0e8a90b2d347）" in text
    assert "价值分层 高价值" in text
    assert "阶段 下滑，日均消费比近半年低 40%" in text
    assert "• 可能流失（71%）：已 61 天未下单，通常间隔 19 天；近期消费少" in text
    assert "自 2011年9月1日 起可能流失（churn-1）" in text
    assert "下单节奏：已 61 天未下单；通常间隔 19 天；近半年有 9.2 个下单日" in text
    assert (
        "依据：2011年6月6日 至 2011年9月5日 的 1 件投诉；最近：2011年8月30日 (投诉，billing)"
        in text
    )
    assert "自 2011年8月29日 起变化 +0.38：下单节奏 +0.33，消费 +0.34" in text


@pytest.mark.parametrize("catalogue", [ENGLISH, CHINESE])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_scored_card_fits_its_width(catalogue: Catalogue, width: int) -> None:
    for line in shown(view(card(signals=(RISK,))), catalogue, width).splitlines():
        # a Chinese character takes two columns
        assert sum(1 + (letter > "\u2e7f") for letter in line) <= width


def test_before_enough_is_learned_a_band_stands_for_the_percentage() -> None:
    learning = msgspec.structs.replace(RISK, figures=LEARNING)
    text = said(view(card(LEARNING, signals=(learning,))))

    assert "Likely to leave high, still learning: not to buy within 91 days" in text
    assert "likely to leave (high, still learning): no order for 61 days" in text
    assert "71 %" not in text


def test_a_score_without_a_standing_risk_is_shown_with_its_reasons() -> None:
    text = shown(view(card()))

    assert "No signal stands." in text
    assert "What raises the likelihood\n  █████ +1.25 order rhythm" in text


def test_what_nothing_raises_says_so() -> None:
    calm = changed(CHURN, reasons=(), shares=scored.shares(-1.0, -0.4, 0.0, 0.0, 0.0, 0.001))
    text = shown(view(card(changed(calm, log_odds=-1.9, change=None)), ()))

    assert "What raises the likelihood\n  nothing\n" in text
    assert "besides: order rhythm -1, spend -0.4\n" in text
    assert "an average customer starts from -0.5; all together -1.9" in text
    assert "changed since" not in text


def test_who_never_bought_is_shown_no_score() -> None:
    text = shown(view(card(None, None, None), ()))

    assert "Likely to leave" not in text
    assert "Segment" not in text
    assert "Stage" not in text
    assert "What raises" not in text


def test_a_reason_without_facts_says_how_many() -> None:
    none = tuple(msgspec.structs.replace(one, facts=0, newest=()) for one in BEHIND)

    assert "behind it: 0 orders from 2011-01-03 to 2011-07-06 ██" in said(view(card(), none))


def test_a_segment_not_told_yet_and_potential_are_said() -> None:
    rising = LifeCycle(LifeStage.GROWING, 0.22, 3, potential_high_value=True)

    assert "Segment not told yet" in said(view(card(segment=None)))
    text = said(view(card(segment=ValueSegment.LOW, life_cycle=rising)))
    assert "Segment low value, potential high value" in text
    assert "Stage growing, spend a day 22 % above the half-year's" in text
    assert "低价值，潜在高价值" in said(
        view(card(segment=ValueSegment.LOW, life_cycle=rising)), CHINESE
    )


STAGES = [
    (LifeCycle(LifeStage.NEW, -0.01, 3, False), "Stage new │"),
    (LifeCycle(LifeStage.STEADY, 0.004, 3, False), "Stage steady, spend a day as in the half-year"),
    (LifeCycle(LifeStage.STEADY, None, 3, False), "Stage steady │"),
    (LifeCycle(LifeStage.DORMANT, -0.5, 120, False), "Stage dormant, no order for 120 days"),
    (LifeCycle(LifeStage.GONE, -0.7, 1_200, False), "Stage gone, no order for 1,200 days"),
    (LIFE, "Stage declining, spend a day 40 % below the half-year's"),
]


@pytest.mark.parametrize(("life_cycle", "text"), STAGES)
def test_a_stage_is_shown_with_what_tells_it(life_cycle: LifeCycle, text: str) -> None:
    assert text in said(view(card(life_cycle=life_cycle)))


@pytest.mark.parametrize(
    ("log_odds", "blocks"),
    [(0.001, 1), (0.25, 1), (0.5, 2), (-0.5, 2), (1.25, 5), (2.0, 8), (40.0, 8)],
)
def test_a_bar_has_a_block_for_each_quarter(log_odds: float, blocks: int) -> None:
    assert bar(log_odds) == "█" * blocks


def test_a_week_without_change_says_so() -> None:
    still = msgspec.structs.replace(CHANGE, parts=scored.shares(*[0.0] * 6), model=0.001)

    assert change_words(still, ENGLISH) == "nothing changed since 2011-08-29"
    assert change_words(still, CHINESE) == "自 2011年8月29日 起没有变化"


def test_a_fall_is_said_with_its_sign() -> None:
    fallen = msgspec.structs.replace(
        CHANGE, parts=scored.shares(-1.0, 0.0, 0.0, 0.0, 0.0, 0.0), model=0.0
    )

    said_of_it = change_words(fallen, ENGLISH)

    assert said_of_it == "changed since 2011-08-29 by -1: order rhythm -1"


@given(st.lists(st.floats(-20.0, 20.0), max_size=8))
def test_parts_as_shown_add_up_to_the_change_as_shown(amounts: list[float]) -> None:
    hundredths = [round(amount * 100) for amount in added_up(amounts)]

    assert sum(hundredths) == round(sum(amounts) * 100)
    for amount, shown_as in zip(amounts, hundredths, strict=True):
        assert abs(amount * 100 - shown_as) <= 1.0 + 1e-9


def test_a_hostile_name_of_a_model_or_figure_does_not_act() -> None:
    reason = msgspec.structs.replace(
        scored.SPEND, figures=(scored.RawFigure("x\x1b[2J\u202e", 1.5),)
    )
    hostile = changed(CHURN, model="m\x9b31m", reasons=(reason,))

    text = shown(view(card(hostile), BEHIND[1:2]))

    assert r"spend: x\x1b[2J\u202e 1.5" in text
    assert r"(model m\x9b31m)" in text
    assert not {"\x1b", "\u202e", "\x9b"} & set(text)
