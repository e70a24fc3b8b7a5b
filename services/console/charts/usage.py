"""What was used of a service day by day, the band of what was usual, and the days that were not."""

from collections.abc import Sequence

from services.console.charts.frame import Frame, ticks_up_to
from services.console.charts.shapes import Bar, Dot, Drawing, Line, Shape
from services.console.words import Words
from services.ops.usage_history import UsageDay, UsageHistory


def usage_chart(history: UsageHistory, words: Words) -> Drawing:
    """Return the chart of a service with at least one day."""
    days = history.days
    ticks = ticks_up_to(max(_highest(day) for day in days))
    frame = Frame(top=ticks[-1])
    shapes = frame.left_ticks(ticks, lambda tick: f"{words.amount(tick)} {history.unit}")
    shapes += _bands(frame, days)
    shapes += [_bar(frame, days, place, history.unit, words) for place in range(len(days))]
    shapes += [
        Dot(_middle(frame, days, place), frame.y(day.total) - 7, "anomaly", _named(day, words))
        for place, day in enumerate(days)
        if day.anomaly is not None
    ]
    for place in range(0, len(days), max(1, len(days) // 4)):
        anchor = "middle" if place else "start"
        share = (place + 0.5) / len(days) if place else 0.0
        shapes.append(frame.lower_tick(share, words.date(days[place].day), anchor))
    title = words.say("Use of {service} a day", service=history.service)
    return Drawing(frame.width, frame.height, title, tuple(shapes))


def _named(day: UsageDay, words: Words) -> str:
    name = "" if day.anomaly is None else words.reason(day.anomaly)
    return words.joined([words.date(day.day), name])


def _highest(day: UsageDay) -> float:
    return max(day.total, 0.0 if day.usual is None else day.usual.high)


def _middle(frame: Frame, days: Sequence[UsageDay], place: int) -> float:
    return frame.x((place + 0.5) / len(days))


def _bar(frame: Frame, days: Sequence[UsageDay], place: int, unit: str, words: Words) -> Bar:
    day, width = days[place], 1 / len(days)
    left, right = frame.x((place + 0.1) * width), frame.x((place + 0.9) * width)
    top = frame.y(day.total)
    said = f"{words.date(day.day)}: {words.amount(day.total)} {unit}"
    look = "bar" if day.anomaly is None else "bar odd"
    return Bar(left, top, round(right - left, 1), round(frame.floor - top, 1), look, said)


def _bands(frame: Frame, days: Sequence[UsageDay]) -> list[Shape]:
    """Return the band over each run of days whose usual use is known."""
    shapes: list[Shape] = []
    run: list[tuple[float, UsageDay]] = []
    for place, day in enumerate(days):
        if day.usual is not None:
            run.append((_middle(frame, days, place), day))
        if run and (day.usual is None or place == len(days) - 1):
            shapes += _band(frame, run)
            run = []
    return shapes


def _band(frame: Frame, run: Sequence[tuple[float, UsageDay]]) -> list[Shape]:
    known = [(x, day.usual) for x, day in run if day.usual is not None]
    upper = tuple((x, frame.y(usual.high)) for x, usual in known)
    lower = tuple((x, frame.y(usual.low)) for x, usual in reversed(known))
    middle = tuple((x, frame.y(usual.expected)) for x, usual in known)
    return [Line((*upper, *lower), "band", area=True), Line(middle, "expected")]
