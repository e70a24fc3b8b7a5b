"""Scores and raw figures in words, in both languages."""

import msgspec
import pytest

from events.figures import Band, ChurnFigures, Evidence, RawFigure, ReasonGroup, ScoreReason
from events.profiles import LifeStage
from events.signals import ValueSegment
from services.ops.rendering.evidence import counted, evidence_words
from services.ops.rendering.figure_words import likelihood_percent, share_words, signed
from services.ops.rendering.life_wording import segment_words, stage_name
from services.ops.rendering.raw_figures import raw_figure_words
from services.ops.rendering.score_wording import band_words, churn_sentence, group_words
from services.ops.rendering.wording import reason_sentence
from tests.unit.ops.scored import (
    CHURN,
    COMPLAINTS,
    COMPLAINTS_BEHIND,
    LEARNING,
    ORDERS_BEHIND,
    RHYTHM,
    RISK,
    SPEND,
    bought,
    complained,
    day,
    figures,
    met,
)
from tests.unit.ops.screens import CHINESE, ENGLISH

FIGURES = [
    ("days-since-order", 61.0, "no order for 61 days", "已 61 天未下单"),
    ("days-since-order", 1.0, "no order for 1 day", "已 1 天未下单"),
    ("usual-gap", 19.4, "usual gap 19", "通常间隔 19 天"),
    ("usual-gap", 7.62, "usual gap 7.6", "通常间隔 7.6 天"),
    (
        "purchase-days-182",
        9.25,
        "9.2 days with an order in the last half-year",
        "近半年有 9.2 个下单日",
    ),
    (
        "buy-again",
        0.314,
        "31 % likely to buy again by its rhythm alone",
        "仅按节奏，再次购买的可能性为 31%",
    ),
    ("spent-91", 98_050.4, "£980.50 spent lately", "近期消费 £980.50"),
    (
        "last-amount",
        12_000.0,
        "£120.00 on the last day with an order",
        "最近下单日消费 £120.00",
    ),
    ("orders-91", 2.44, "2.4 orders lately", "近期 2.4 笔订单"),
    ("returns-182", 1.06, "1.1 returns in the last half-year", "近半年 1.1 笔退货"),
    ("returned-share", 0.254, "25 % of it sent back by value", "按金额退回 25%"),
    (
        "used-14-vs-91",
        0.613,
        "use in the last two weeks at 61 % of the usual",
        "近两周用量为平常的 61%",
    ),
    ("days-since-use", 8.0, "no use for 8 days", "已 8 天未使用"),
    ("severity-91", 3.5, "complaints lately weigh 3.5 by severity", "近期投诉按严重程度加权为 3.5"),
    ("open-complaints", 1.0, "1 open complaint", "1 件未解决投诉"),
    ("open-complaints", 3.0, "3 open complaints", "3 件未解决投诉"),
    ("unsatisfied", 1.0, "1 resolution left it unsatisfied", "1 次解决后仍不满意"),
    ("inbound-91", 1.9, "1.9 contacts from the customer lately", "近期客户发起联系 1.9 次"),
    ("outbound-91", 0.0, "0 contacts to the customer lately", "近期我方发起联系 0 次"),
    ("of-another-release", 0.126, "of-another-release 0.13", "of-another-release 0.13"),
]


@pytest.mark.parametrize(("name", "value", "english", "chinese"), FIGURES)
def test_a_raw_figure_is_said_in_words(name: str, value: float, english: str, chinese: str) -> None:
    figure = RawFigure(name, value)

    assert raw_figure_words(figure, "GBP", ENGLISH) == english
    assert raw_figure_words(figure, "GBP", CHINESE) == chinese


def sentence(*reasons: ScoreReason, probability: float | None = 0.712) -> str:
    figures_of_it = msgspec.structs.replace(CHURN, reasons=reasons, probability=probability)
    return churn_sentence(figures_of_it, ENGLISH)


def reason(group: ReasonGroup, log_odds: float = 0.5) -> ScoreReason:
    return ScoreReason(group, log_odds, (), ORDERS_BEHIND)


def test_a_risk_is_said_with_the_two_reasons_that_raise_it_most() -> None:
    assert sentence(RHYTHM, SPEND, COMPLAINTS) == (
        "likely to leave (71 %): no order for 61 days, usual gap 19; little spend lately"
    )
    assert sentence(COMPLAINTS, RHYTHM) == (
        "likely to leave (71 %): complaints; no order for 61 days, usual gap 19"
    )


def test_after_a_single_purchase_there_is_no_usual_gap_to_say() -> None:
    once = msgspec.structs.replace(RHYTHM, figures=figures(days_since_order=61.0))

    assert sentence(once) == "likely to leave (71 %): no order for 61 days"
    assert sentence(msgspec.structs.replace(RHYTHM, figures=())) == (
        "likely to leave (71 %): order rhythm"
    )


def test_what_lowers_a_risk_is_no_reason_for_it() -> None:
    assert sentence(SPEND, reason(ReasonGroup.RETURNS, -0.5)) == (
        "likely to leave (71 %): little spend lately"
    )
    assert sentence() == "likely to leave (71 %)"


def test_a_signals_sentence_is_that_of_its_score() -> None:
    assert reason_sentence(RISK, ENGLISH) == churn_sentence(CHURN, ENGLISH)
    assert reason_sentence(RISK, CHINESE) == (
        "可能流失（71%）：已 61 天未下单，通常间隔 19 天；近期消费少"
    )


@pytest.mark.parametrize(
    ("band", "said"), [(Band.LOW, "low"), (Band.ELEVATED, "elevated"), (Band.HIGH, "high")]
)
def test_while_it_learns_a_band_is_said(band: Band, said: str) -> None:
    learning: ChurnFigures = msgspec.structs.replace(LEARNING, band=band, reasons=())

    assert churn_sentence(learning, ENGLISH) == f"likely to leave ({said}, still learning)"


@pytest.mark.parametrize("group", ReasonGroup)
def test_every_group_has_words_of_its_own_also_in_a_sentence(group: ReasonGroup) -> None:
    others = [other for other in ReasonGroup if other is not group]

    assert group_words(group, ENGLISH) not in {group_words(other, ENGLISH) for other in others}
    assert group_words(group, CHINESE) != group_words(group, ENGLISH)
    assert sentence(reason(group)) not in {sentence(reason(other)) for other in others}


def test_every_band_segment_and_stage_has_words() -> None:
    for catalogue in (ENGLISH, CHINESE):
        said = [band_words(band, catalogue) for band in Band]
        said += [segment_words(segment, catalogue) for segment in (None, *ValueSegment)]
        said += [stage_name(stage, catalogue) for stage in LifeStage]
        assert len(set(said)) == len(Band) + len(ValueSegment) + 1 + len(LifeStage)


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "1 %"), (0.004, "1 %"), (0.5, "50 %"), (0.712, "71 %"), (0.998, "99 %"), (1.0, "99 %")],
)
def test_no_likelihood_is_certain(probability: float, said: str) -> None:
    assert likelihood_percent(probability, ENGLISH) == said


def test_a_share_may_be_none_or_all_or_more() -> None:
    assert [share_words(share, ENGLISH) for share in (0.0, 1.0, 1.7)] == ["0 %", "100 %", "170 %"]


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.25, "+1.25"), (0.5, "+0.5"), (0.0, "0"), (-0.25, "-0.25"), (0.001, "0"), (-0.001, "0")],
)
def test_what_is_added_bears_its_sign(value: float, said: str) -> None:
    assert signed(value, ENGLISH) == said


@pytest.mark.parametrize(
    ("fact_type", "one", "three"),
    [
        ("crm.order.placed.v1", "1 order", "3 orders"),
        ("crm.order.returned.v1", "1 return", "3 returns"),
        ("crm.usage.recorded.v1", "1 record of use", "3 records of use"),
        ("crm.complaint.opened.v1", "1 complaint", "3 complaints"),
        ("crm.interaction.recorded.v1", "1 contact", "3 contacts"),
        ("crm.visit.made.v3", "crm.visit.made.v3 × 1", "crm.visit.made.v3 × 3"),
    ],
)
def test_facts_are_counted_in_words(fact_type: str, one: str, three: str) -> None:
    assert counted(fact_type, 1, ENGLISH) == one
    assert counted(fact_type, 3, ENGLISH) == three


def test_evidence_is_said_with_the_newest_of_it() -> None:
    newest = [bought(7, 6, 12_000), bought(6, 6, 50)]

    assert evidence_words(ORDERS_BEHIND, 12, newest, ENGLISH) == (
        "behind it: 12 orders from 2011-01-03 to 2011-07-06;"
        " newest: 2011-07-06 £120.00, 2011-06-06 £0.50"
    )
    assert evidence_words(COMPLAINTS_BEHIND, 1, [complained(8, 30)], ENGLISH) == (
        "behind it: 1 complaint from 2011-06-06 to 2011-09-05;"
        " newest: 2011-08-30 (complaint, billing)"
    )


def test_evidence_of_contacts_says_how_they_met() -> None:
    window = Evidence("crm.interaction.recorded.v1", day(6, 6), day(9, 5))

    assert evidence_words(window, 1, [met(8, 30)], ENGLISH) == (
        "behind it: 1 contact from 2011-06-06 to 2011-09-05; newest: 2011-08-30 (call)"
    )


def test_evidence_of_no_facts_is_said_too() -> None:
    assert evidence_words(COMPLAINTS_BEHIND, 0, [], ENGLISH) == (
        "behind it: 0 complaints from 2011-06-06 to 2011-09-05"
    )
    assert evidence_words(COMPLAINTS_BEHIND, 0, [], CHINESE) == (
        "依据：2011年6月6日 至 2011年9月5日 的 0 件投诉"
    )
