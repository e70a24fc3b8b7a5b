"""The quality report on the screen: figures beside rules of thumb, and honest where they are few."""

import re

import msgspec
import pytest

from domain.learning.quality.labelling import LabelCounts
from domain.learning.quality.report import QualityReport
from services.ops.rendering.quality import bar, render_quality
from services.ops.rendering.quality_words import rounded, share
from tests.unit.domain.quality.scores import dated
from tests.unit.ops.screens import CHINESE, ENGLISH, screen, words
from tests.unit.ops.snapshots import reported, weekly


def said(last: int, customers: int = 20) -> str:
    return words(render_quality(reported(weekly(last, customers), last), ENGLISH))


@pytest.fixture(scope="module")
def full() -> QualityReport:
    """Two hundred days: 82 of them have labels that count."""
    return reported(weekly(200, 70), 200)


def test_it_says_as_of_when_and_out_of_which_labels(full: QualityReport) -> None:
    text = words(render_quality(full, ENGLISH))

    assert "as of 2011-08-14, 1,090 labels, of snapshots from 2011-01-27 to 2011-05-15" in text
    assert "910 snapshots wait for theirs" in text


def test_figures_stand_beside_those_of_the_rules_of_thumb(full: QualityReport) -> None:
    lines = screen(render_quality(full, ENGLISH)).splitlines()
    active = full.second_half.active

    (line,) = [line for line in lines if "lost spend in the top tenth" in line]
    assert line.split()[-3:] == [
        rounded(active.lost_spend_top_tenth, ENGLISH),
        rounded(active.baselines.recency_over_gap.lost_spend_top_tenth, ENGLISH),
        rounded(active.baselines.decayed_purchase_days.lost_spend_top_tenth, ENGLISH),
    ]
    (line,) = [line for line in lines if "calibration error" in line]
    assert line.split()[-3:] == [rounded(active.ece, ENGLISH), "–", "–"]


def test_tenths_are_bars_with_what_was_said_and_what_came(full: QualityReport) -> None:
    lines = screen(render_quality(full, ENGLISH)).splitlines()
    tenths = full.second_half.active.calibration

    drawn = [line for line in lines if "▏" in line][1:]
    assert len(drawn) == len(tenths) == 10
    assert re.split(r" {2,}", drawn[0].strip())[:2] == [
        share(tenths[0].predicted, ENGLISH),
        share(tenths[0].churned, ENGLISH),
    ]


def test_spans_months_segments_and_models_have_a_row_each(full: QualityReport) -> None:
    lines = [line.strip() for line in screen(render_quality(full, ENGLISH)).splitlines()]
    begins = [line.split("  ")[0] for line in lines]

    for name in ("second half, active", "days 28 to 126, all", "2011-03", "high value"):
        assert begins.count(name) == 1, name
    assert begins.count("not cut yet") == 1
    assert "By model, active customers: the newest of 82" in lines
    assert [name for name in begins if "model-" in name][-1] == "2011-05-15 model-109"
    assert len([name for name in begins if "model-" in name]) == 20


def test_a_part_shows_its_active_customers(full: QualityReport) -> None:
    (line,) = [
        line
        for line in screen(render_quality(full, ENGLISH)).splitlines()
        if line.strip().startswith("2011-03")
    ]
    march = next(group for group in full.by_month if group.name == "2011-03").active

    assert re.split(r" {2,}", line.strip())[1:] == [
        str(march.labels),
        share(march.base_rate, ENGLISH),
        rounded(march.auc, ENGLISH),
        share(march.precision_top_tenth, ENGLISH),
        rounded(march.ece, ENGLISH),
        share(march.lost_spend_top_tenth, ENGLISH),
    ]


def test_no_line_is_wider_than_a_terminal(full: QualityReport) -> None:
    lines = screen(render_quality(full, ENGLISH), width=80).splitlines()

    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "…" in line]


def test_before_the_first_label_it_says_when_it_comes_and_shows_no_figure() -> None:
    text = said(100)

    assert "! No label counts yet: the first comes on 2011-05-25." in text
    assert "area under the curve" not in text


def test_before_the_first_score_there_is_nothing_to_measure() -> None:
    assert "! Nobody was scored yet, so there is nothing to measure." in said(0)


def test_few_labels_are_hints() -> None:
    assert (
        "! Only 20 labels of active customers count so far: below 500 the figures are hints."
        in said(125)
    )
    assert "area under the curve" in said(125)


def test_many_labels_need_no_warning(full: QualityReport) -> None:
    assert "!" not in words(render_quality(full, ENGLISH))


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (1, "! 1 snapshot has no label, as its customer was not looked at again"),
        (7, "! 7 snapshots have no label, as their customers were not looked at again"),
    ],
)
def test_labels_that_are_missing_are_said(full: QualityReport, missing: int, sentence: str) -> None:
    labels = LabelCounts(5, 5, missing, dated(1), dated(9), 91)
    changed = msgspec.structs.replace(full, labels=labels)

    assert sentence in words(render_quality(changed, ENGLISH))


def test_nine_labels_have_no_tenths() -> None:
    text = said(119, customers=9)

    assert "Fewer than ten labels have no tenths." in text


def test_it_speaks_chinese(full: QualityReport) -> None:
    text = words(render_quality(full, CHINESE))

    assert "截至 2011年8月14日" in text
    assert "曲线下面积" in text
    assert "尚未分层" in text


@pytest.mark.parametrize(
    ("value", "three", "per_cent"),
    [
        (None, "–", "–"),
        (0.5, "0.500", "50.0 %"),
        (0.12345, "0.123", "12.3 %"),
        (1.0, "1.000", "100.0 %"),
    ],
)
def test_figures_are_rounded_alike(value: float | None, three: str, per_cent: str) -> None:
    assert rounded(value, ENGLISH) == three
    assert share(value, ENGLISH) == per_cent


@pytest.mark.parametrize(
    ("came", "expected", "drawn"),
    [
        (0.0, 0.0, "▏"),
        (1.0, 1.0, "█" * 40 + "▏"),
        (0.0, 1.0, " " * 40 + "▏"),
        (1.0, 0.0, "▏" + "█" * 39),
    ],
)
def test_a_bar_keeps_its_length_and_its_mark(came: float, expected: float, drawn: str) -> None:
    assert bar(came, expected) == drawn
