"""Figures of quality: scores beside two rules of thumb, what was said beside what came, month by month."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.learning.quality.calibration import Tenth
from services.console.charts.frame import Frame
from services.console.charts.shapes import Bar, Dot, Drawing, Line, Shape, Text
from services.console.words import Words
from services.ops.rendering.quality import FigureRow

LOOKS = ("scores", "silence", "few")
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_ROW, _BAR = 62.0, 11.0


class Month(NamedTuple):
    """The area under the curve in a month: of the scores, and of two rules of thumb."""

    month: str
    labels: int
    scores: float | None
    silence: float | None
    few: float | None


def comparison_chart(rows: Sequence[FigureRow], words: Words) -> Drawing:
    """Return three bars a figure below its name, all of them shares of 1: they fit a phone."""
    width, height = 440.0, len(rows) * _ROW
    room = width - 60
    shapes: list[Shape] = []
    for place, (name, *values) in enumerate(rows):
        top = place * _ROW + 18
        shapes.append(Text(0.0, top - 5, name, "start", "name"))
        for number, value in enumerate(values):
            at = top + number * (_BAR + 2)
            shapes.append(Bar(0.0, at, room, _BAR, "track"))
            if value is not None:
                shapes.append(Bar(0.0, at, round(room * value, 1), _BAR, LOOKS[number]))
            said = words.rounded(value)
            shapes.append(Text(room + 8, at + _BAR - 2, said, "start", "tick"))
    return Drawing(width, height, words.say("Scores beside rules of thumb"), tuple(shapes))


def calibration_chart(tenths: Sequence[Tenth], words: Words) -> Drawing:
    """Return what was said, to the right, against what came, upwards; on the diagonal both agree."""
    frame = Frame(top=1.0, width=440.0, height=260.0, left=52.0, below=38.0)
    shapes = frame.left_ticks(
        _TICKS, lambda tick: words.say("{number} %", number=round(tick * 100))
    )
    for tick in _TICKS:
        shapes.append(Text(frame.x(tick), frame.floor + 16, words.number(tick * 100)))
    shapes.append(Text(frame.x(0.5), frame.height - 6, words.say("said, in per cent")))
    shapes.append(Line(((frame.x(0.0), frame.y(0.0)), (frame.x(1.0), frame.y(1.0))), "expected"))
    points = tuple((frame.x(tenth.predicted), frame.y(tenth.churned)) for tenth in tenths)
    shapes.append(Line(points, "scores"))
    shapes += [
        Dot(x, y, "scores", _told(tenth, words))
        for (x, y), tenth in zip(points, tenths, strict=True)
    ]
    title = words.say("What was said and what came, by tenths of the probability")
    return Drawing(frame.width, frame.height, title, tuple(shapes))


def months_chart(months: Sequence[Month], words: Words) -> Drawing:
    """Return the area under the curve of at least one month; 0.5 is what chance reaches."""
    frame = Frame(top=1.0, width=440.0, height=260.0, left=44.0, below=38.0)
    shapes = frame.left_ticks(_TICKS, lambda tick: words.number(tick, 2))
    width = 1 / len(months)
    for place, month in enumerate(months):
        if len(months) <= 6 or place % 2 == 0:  # more do not fit below
            shapes.append(frame.lower_tick((place + 0.5) * width, month.month))
    for look, values in zip(LOOKS[::-1], _series(months)[::-1], strict=True):
        points = tuple(
            (frame.x((place + 0.5) * width), frame.y(value))
            for place, value in enumerate(values)
            if value is not None
        )
        shapes.append(Line(points, look))
        shapes += [Dot(x, y, look) for x, y in points]
    title = words.say("Area under the curve by month")
    return Drawing(frame.width, frame.height, title, tuple(shapes))


def _series(months: Sequence[Month]) -> tuple[Sequence[float | None], ...]:
    return (
        [month.scores for month in months],
        [month.silence for month in months],
        [month.few for month in months],
    )


def _told(tenth: Tenth, words: Words) -> str:
    return words.say(
        "said {said}, came {came}, {labels} labels",
        said=words.share(tenth.predicted),
        came=words.share(tenth.churned),
        labels=tenth.labels,
    )
