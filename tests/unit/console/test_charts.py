"""Charts: nothing lies outside, every value lies where it belongs."""

import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.customer.stake import ExpectedSpend
from events.profiles import UsualUse
from events.signals import SignalReason
from infra.messages.language import Language
from services.console.charts.frame import Frame, ticks_up_to
from services.console.charts.shapes import Bar, Dot, Drawing, Line
from services.console.charts.spend import spend_chart
from services.console.charts.usage import usage_chart
from services.console.words import Words
from services.ops.spend_history import PERIOD_DAYS, Silence, SpendPeriod
from services.ops.usage_history import UsageDay, UsageHistory

WORDS = Words(Language.ENGLISH, ZoneInfo("UTC"))
START = datetime.date(2011, 1, 3)

amounts = st.floats(0, 1e12)
bands = st.tuples(amounts, amounts, amounts).map(lambda three: ExpectedSpend(*sorted(three)))
periods = st.lists(st.tuples(st.integers(0, 10**12), st.none() | bands), min_size=1, max_size=13)


def spend(told: list[tuple[int, ExpectedSpend | None]]) -> list[SpendPeriod]:
    days = [START + datetime.timedelta(days=PERIOD_DAYS * number) for number in range(len(told))]
    last = datetime.timedelta(days=PERIOD_DAYS - 1)
    return [
        SpendPeriod(day, day + last, 1, spent, expected)
        for day, (spent, expected) in zip(days, told, strict=True)
    ]


def lies_inside(drawing: Drawing) -> bool:
    """Whether every point of every shape is in the drawing, to a tenth."""
    points: list[tuple[float, float]] = []
    for shape in drawing.shapes:
        match shape:
            case Bar(x=x, y=y, width=width, height=height):
                points += [(x, y), (x + width, y + height)]
            case Line(points=joined):
                points += joined
            case Dot(x=x, y=y):
                points.append((x, y))
            case _:
                continue
    return all(
        -0.2 <= x <= drawing.width + 0.2 and -0.2 <= y <= drawing.height + 0.2 for x, y in points
    )


@given(periods, st.none() | st.integers(-400, 400), st.none() | st.integers(-400, 400))
def test_all_of_a_spend_chart_lies_inside(
    told: list[tuple[int, ExpectedSpend | None]], began: int | None, over: int | None
) -> None:
    silent = []
    if began is not None:
        first = START + datetime.timedelta(days=began)
        ended = None if over is None else first + datetime.timedelta(days=abs(over))
        silent = [Silence(first, first, ended)]

    drawing = spend_chart(spend(told), silent, "GBP", WORDS)

    assert lies_inside(drawing)
    assert len([one for one in drawing.shapes if isinstance(one, Bar) and one.label]) >= len(told)


@given(st.floats(0, 1e15) | st.just(5e-324))
def test_ticks_reach_up_to_what_is_shown(most: float) -> None:
    ticks = ticks_up_to(most)

    assert ticks[0] == 0
    assert ticks[-1] >= most * (1 - 1e-9)
    assert len(ticks) <= 7


def test_values_lie_in_proportion() -> None:
    frame = Frame(top=100.0)

    assert (frame.y(0), frame.y(50), frame.y(100)) == (194.0, 104.0, 14.0)
    assert frame.y(1000) == frame.y(100)


def test_a_period_below_its_band_stands_out() -> None:
    band = ExpectedSpend(100.0, 200.0, 300.0)

    drawing = spend_chart(spend([(99, band), (100, band), (0, None)]), [], "GBP", WORDS)

    looks = [one.look for one in drawing.shapes if isinstance(one, Bar) and one.label]
    assert looks == ["bar low", "bar", "bar"]


def test_a_band_is_drawn_where_it_is_known_and_anomalies_are_marked() -> None:
    usual = UsualUse("data", "GB", 6.0, 7.0, 9.0)
    days = [UsageDay(START, 7.0, None, None), UsageDay(START, 8.0, usual, None)]
    days += [UsageDay(START, 7.0, usual, None), UsageDay(START, 0.0, None, None)]
    days += [UsageDay(START, 0.0, usual, SignalReason.CONSUMPTION_DROP)]

    drawing = usage_chart(UsageHistory("data", "GB", tuple(days)), WORDS)

    assert [len(one.points) for one in drawing.shapes if isinstance(one, Line) and one.area] == [
        4,
        2,
    ]
    assert [one.label for one in drawing.shapes if isinstance(one, Dot)] == [
        "2011-01-03, consumption dropped"
    ]
    assert lies_inside(drawing)
