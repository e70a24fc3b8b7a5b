"""How likely it was to leave, week by week, and the lines at which a risk is raised and cleared."""

from collections.abc import Sequence

from domain.detection.churn import CLEAR_BELOW, RAISE_AT
from domain.learning.scoring import probability
from services.console.charts.frame import Frame
from services.console.charts.shapes import Dot, Drawing, Line, Shape, Text
from services.console.words import Words
from services.ops.customer_past import RiskPoint

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def risk_chart(points: Sequence[RiskPoint], words: Words) -> Drawing:
    """Return the chart of at least one weekly turn.

    Without a percentage to believe in the axis bears none: only the lines are named.
    """
    certain = points[-1].probability is not None
    frame = Frame(top=1.0, width=336.0, height=170.0, left=44.0)
    shapes: list[Shape] = []
    if certain:
        shapes += frame.left_ticks(
            _TICKS, lambda tick: words.say("{number} %", number=round(tick * 100))
        )
    else:
        shapes.append(frame.level(0.0, "axis"))
    for log_odds, said in ((RAISE_AT, words.say("raised")), (CLEAR_BELOW, words.say("cleared"))):
        level = probability(log_odds)
        shapes.append(frame.level(level, "threshold"))
        shapes.append(Text(frame.x(1.0), frame.y(level) - 4, said, "end", "flag"))
    first, days = points[0].day, max(1, points[-1].day - points[0].day)
    line = tuple(
        (frame.x((point.day - first) / days), frame.y(probability(point.log_odds)))
        for point in points
    )
    shapes += [Line(line, "risk"), Dot(*line[-1], "risk")]
    shapes.append(frame.lower_tick(0.0, words.date(points[0].day), "start"))
    shapes.append(frame.lower_tick(1.0, words.date(points[-1].day), "end"))
    title = words.say("Likelihood of leaving, week by week")
    return Drawing(frame.width, frame.height, title, tuple(shapes))
