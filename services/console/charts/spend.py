"""What was spent in each four weeks, the band in which it was expected, and silences that were noticed."""

import datetime
from collections.abc import Sequence

from events.values import Money
from services.console.charts.frame import Frame, ticks_up_to
from services.console.charts.shapes import Bar, Drawing, Line, Shape, Text
from services.console.words import Words
from services.ops.spend_history import PERIOD_DAYS, Silence, SpendPeriod

_ROOM = 0.18
"""Of the width of a period, left free on either side of its bar."""


def spend_chart(
    periods: Sequence[SpendPeriod], silences: Sequence[Silence], currency: str, words: Words
) -> Drawing:
    """Return the chart of at least one period."""
    ticks = ticks_up_to(max(_highest(period) for period in periods))
    frame = Frame(top=ticks[-1])
    shapes = frame.left_ticks(ticks, lambda tick: words.whole_money(Money(round(tick), currency)))
    shapes += _band(frame, periods)
    shapes += [_bar(frame, periods, place, currency, words) for place in range(len(periods))]
    for silence in silences:
        shapes += _silence(frame, periods, silence, words)
    shapes += _days(frame, periods, words)
    return Drawing(frame.width, frame.height, words.say("Spend in four weeks"), tuple(shapes))


def _highest(period: SpendPeriod) -> float:
    return max(period.spent, 0.0 if period.expected is None else period.expected.high)


def _band(frame: Frame, periods: Sequence[SpendPeriod]) -> list[Shape]:
    """Return the band as steps, one a period, and what is expected in the middle of it."""
    width, shapes = 1 / len(periods), list[Shape]()
    for place, period in enumerate(periods):
        if period.expected is None:
            continue
        left, right = frame.x(place * width), frame.x((place + 1) * width)
        low, high = frame.y(period.expected.low), frame.y(period.expected.high)
        shapes.append(Bar(left, high, round(right - left, 1), round(low - high, 1), "band"))
        middle = frame.y(period.expected.expected)
        shapes.append(Line(((left, middle), (right, middle)), "expected"))
    return shapes


def _bar(
    frame: Frame, periods: Sequence[SpendPeriod], place: int, currency: str, words: Words
) -> Bar:
    width, period = 1 / len(periods), periods[place]
    left, right = frame.x((place + _ROOM) * width), frame.x((place + 1 - _ROOM) * width)
    top = frame.y(period.spent)
    said = words.say(
        "{first} to {last}: {money}",
        first=period.first_day,
        last=period.last_day,
        money=Money(period.spent, currency),
    )
    below = period.expected is not None and period.spent < period.expected.low
    return Bar(
        left,
        top,
        round(right - left, 1),
        round(frame.floor - top, 1),
        "bar low" if below else "bar",
        said,
    )


def _silence(
    frame: Frame, periods: Sequence[SpendPeriod], silence: Silence, words: Words
) -> list[Shape]:
    """Return a silence as a shade from the last order on; nothing of one before the first period."""
    end = silence.over_on or periods[-1].last_day
    if end <= periods[0].first_day:
        return []
    left, right = (frame.x(_share(periods, day)) for day in (silence.last_order, end))
    width = max(round(right - left, 1), 2.0)
    said = words.say(
        "unusually quiet since {last_order}, noticed on {day}",
        last_order=silence.last_order,
        day=silence.raised_on,
    )
    shade = Bar(left, frame.above, width, frame.inner_height, "anomaly", said)
    standing = silence.over_on is None
    flag = Text(left + width / 2, frame.above - 3, words.say("quiet"), "middle", "flag")
    return [shade, flag] if standing else [shade]


def _share(periods: Sequence[SpendPeriod], day: datetime.date) -> float:
    days = len(periods) * PERIOD_DAYS
    return min(max(((day - periods[0].first_day).days + 1) / days, 0.0), 1.0)


def _days(frame: Frame, periods: Sequence[SpendPeriod], words: Words) -> list[Shape]:
    every = max(1, round(len(periods) / 5))
    width = 1 / len(periods)
    shown = range(len(periods) - 1, -1, -every)
    return [
        frame.lower_tick((place + 0.5) * width, words.date(periods[place].last_day))
        if place < len(periods) - 1
        else frame.lower_tick(1.0, words.date(periods[place].last_day), "end")
        for place in shown
    ]
