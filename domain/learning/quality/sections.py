"""Parts of the labels: spans of time, months, segments, models; each for active customers and for all."""

import datetime
from collections.abc import Callable

import msgspec
import numpy as np

from domain.learning.quality.figures import Figures, measure
from domain.learning.quality.labelled import SEGMENTS, Flags, Integers, LabelledScores
from events.calendar import date_of


class Section(msgspec.Struct, frozen=True):
    """The figures for who had bought within the horizon, and for all who ever bought."""

    active: Figures
    all: Figures


class Group(msgspec.Struct, frozen=True):
    """The figures of a part, with the days of its first and last snapshot; without calibration tenths.

    ``name`` is a month such as 2011-09, a segment (null: before segments were cut), or a model.
    """

    name: str | None
    first_day: datetime.date
    last_day: datetime.date
    active: Figures
    all: Figures


def section(labelled: LabelledScores) -> Section:
    """Return the figures of all of these labels."""
    return Section(measure(labelled.where(labelled.active)), measure(labelled))


def second_half(labelled: LabelledScores) -> LabelledScores:
    """Return the labels of the later half of the weeks that have any, the middle one included."""
    weeks = np.unique(labelled.tick)
    later: Flags = labelled.tick >= (weeks[len(weeks) // 2] if len(weeks) else 0)
    return labelled.where(later)


def by_month(labelled: LabelledScores) -> tuple[Group, ...]:
    """Return the labels by the calendar month of their snapshots, oldest first."""
    days = (labelled.day + labelled.first_day).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    return _groups(labelled, months, _month_name)


def by_segment(labelled: LabelledScores) -> tuple[Group, ...]:
    """Return the labels by the value segment of the customers at that time, most valuable first."""
    return _groups(labelled, labelled.segment, lambda code: SEGMENTS[code])


def by_model(labelled: LabelledScores, newest: int) -> tuple[Group, ...]:
    """Return the labels of the models that scored last, oldest first."""
    last_day = np.full(len(labelled.models), -1)
    np.maximum.at(last_day, labelled.model, labelled.day)
    listed = [code for code in np.argsort(last_day, kind="stable") if last_day[code] >= 0][-newest:]
    return tuple(
        _group(labelled.where(labelled.model == code), labelled.models[code]) for code in listed
    )


def _groups(
    labelled: LabelledScores, codes: Integers, name: Callable[[int], str | None]
) -> tuple[Group, ...]:
    """Return a group for each code, in the order of codes."""
    return tuple(
        _group(labelled.where(codes == each), name(int(each))) for each in np.unique(codes)
    )


def _group(labelled: LabelledScores, name: str | None) -> Group:
    found, day = section(labelled), labelled.day + labelled.first_day
    return Group(
        name=name,
        first_day=date_of(int(day.min())),
        last_day=date_of(int(day.max())),
        active=msgspec.structs.replace(found.active, calibration=()),
        all=msgspec.structs.replace(found.all, calibration=()),
    )


def _month_name(month: int) -> str:
    """Return the name of a month, counted from January 1970.

    >>> _month_name(500)
    '2011-09'
    """
    return f"{1970 + month // 12:04d}-{month % 12 + 1:02d}"
