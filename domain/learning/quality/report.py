"""The report on a projection's scores, as of a day that it closed."""

import datetime

import msgspec
import numpy as np

from domain.learning.quality.labelling import HORIZON_DAYS, LabelCounts, SnapshotLabels
from domain.learning.quality.sections import (
    Group,
    Section,
    by_model,
    by_month,
    by_segment,
    second_half,
    section,
)
from events.calendar import date_of

EARLIEST_DAY = 28
"""Figures count snapshots from this day of the log on: before it hardly anything is known."""

COLD_START_ENDS = 126
"""The first labels come on day 91: scores given before this day owe little to them."""

ENOUGH_LABELS = 500
"""With fewer, probabilities are not calibrated and most figures are chance."""

MODELS_LISTED = 20


class QualityReport(msgspec.Struct, frozen=True):
    """How good the scores of a projection were, of all snapshots whose label is known by ``as_of``.

    ``first_day`` is day 0 of the log. ``first_figure_on`` is the day on which the first label that
    figures count comes or came, of the first snapshot of day 28 or later; null before any snapshot.
    The second half are the later weeks with labels, the middle one included. A model is decided a
    day, so that each of ``models`` stands for one day's customers: ``by_model`` lists the newest 20.
    """

    projection: str
    as_of: datetime.date
    first_day: datetime.date
    horizon_days: int
    first_figure_on: datetime.date | None
    labels: LabelCounts
    second_half: Section
    all_ticks: Section
    days_28_126: Section
    by_month: tuple[Group, ...]
    by_segment: tuple[Group, ...]
    by_model: tuple[Group, ...]
    models: int


def report(projection: str, labels: SnapshotLabels, first_day: int, today: int) -> QualityReport:
    """Return the report as of day ``today``, up to which the snapshots were taken in."""
    labelled = labels.labelled(first_day)
    ticks = labelled.where(labelled.day >= EARLIEST_DAY)
    return QualityReport(
        projection=projection,
        as_of=date_of(today),
        first_day=date_of(first_day),
        horizon_days=HORIZON_DAYS,
        first_figure_on=_first_figure_on(labels, first_day),
        labels=labels.counts(today),
        second_half=section(second_half(ticks)),
        all_ticks=section(ticks),
        days_28_126=section(ticks.where(ticks.day < COLD_START_ENDS)),
        by_month=by_month(ticks),
        by_segment=by_segment(ticks),
        by_model=by_model(ticks, MODELS_LISTED),
        models=len(np.unique(ticks.model)),
    )


def _first_figure_on(labels: SnapshotLabels, first_day: int) -> datetime.date | None:
    earliest = first_day + EARLIEST_DAY
    if labels.first_day_from(first_day) is None:
        return None
    first = labels.first_day_from(earliest)
    return date_of((earliest if first is None else first) + HORIZON_DAYS)
