"""What the page of quality shows: figures beside rules of thumb, drawn and in numbers."""

from typing import NamedTuple

from domain.learning.quality.figures import Figures
from domain.learning.quality.report import QualityReport
from services.console.charts.quality import Month, calibration_chart, comparison_chart, months_chart
from services.console.charts.shapes import Drawing
from services.console.words import Words
from services.ops.rendering.quality import FigureRow, headline_rows, warnings

COMPARED = 5
"""The first rows have figures of the rules of thumb as well."""


class QualitySheet(NamedTuple):
    """Charts, each with its rows."""

    warnings: list[str]
    rows: list[FigureRow]
    comparison: Drawing
    calibration: Drawing | None
    months: tuple[Month, ...]
    month_drawing: Drawing | None


def quality_sheet(
    report: QualityReport, figures: Figures, words: Words, *, active: bool
) -> QualitySheet:
    """Return what to show of the figures chosen."""
    rows = headline_rows(figures, words.catalogue)
    months = tuple(
        _month(group.name or "", group.active if active else group.all) for group in report.by_month
    )
    return QualitySheet(
        warnings=warnings(report, words.catalogue),
        rows=rows,
        comparison=comparison_chart(rows[:COMPARED], words),
        calibration=calibration_chart(figures.calibration, words) if figures.calibration else None,
        months=months,
        month_drawing=months_chart(months, words) if months else None,
    )


def _month(name: str, figures: Figures) -> Month:
    baselines = figures.baselines
    return Month(
        name,
        figures.labels,
        figures.auc,
        baselines.recency_over_gap.auc,
        baselines.decayed_purchase_days.auc,
    )
