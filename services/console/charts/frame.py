"""A chart's frame: from values to places, and the ticks at its edges."""

import math
from collections.abc import Callable, Sequence

import msgspec

from services.console.charts.shapes import Line, Shape, Text

LEAST_MOST = 1e-9
"""What is smaller is drawn as nothing."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Frame(msgspec.Struct, frozen=True):
    """The inside of a chart: x from 0 to 1 and y from 0 to ``top`` in its own units."""

    top: float
    width: float = 720.0
    height: float = 220.0
    left: float = 62.0
    right: float = 14.0
    above: float = 14.0
    below: float = 26.0

    def x(self, share: float) -> float:
        """Return where a share of the width lies."""
        return round(self.left + share * (self.width - self.left - self.right), 1)

    def y(self, value: float) -> float:
        """Return where a value lies; one above the top lies at the top."""
        share = min(max(value / self.top, 0.0), 1.0) if self.top else 0.0
        return round(self.height - self.below - share * self.inner_height, 1)

    @property
    def inner_height(self) -> float:
        """How high the inside is."""
        return self.height - self.above - self.below

    @property
    def floor(self) -> float:
        """Where 0 lies."""
        return self.height - self.below

    def level(self, value: float, look: str) -> Line:
        """Return a line from edge to edge."""
        at = self.y(value)
        return Line(((self.x(0.0), at), (self.x(1.0), at)), look)

    def left_ticks(self, ticks: Sequence[float], said: Callable[[float], str]) -> list[Shape]:
        """Return lines across, each with its value at the left."""
        shapes: list[Shape] = []
        for tick in ticks:
            shapes.append(self.level(tick, "axis" if tick == 0 else "grid"))
            shapes.append(Text(self.left - 8, self.y(tick) + 4, said(tick), "end"))
        return shapes

    def lower_tick(self, share: float, said: str, anchor: str = "middle") -> Text:
        """Return a word below the chart."""
        return Text(self.x(share), self.height - 8, said, anchor)


def ticks_up_to(most: float, about: int = 4) -> list[float]:
    """Return round values from 0 to one that is not below ``most``.

    >>> ticks_up_to(7200.0), ticks_up_to(0.0)
    ([0.0, 2000.0, 4000.0, 6000.0, 8000.0], [0.0, 1.0])
    """
    if most < LEAST_MOST:
        return [0.0, 1.0]
    rough = most / about
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(one * scale for one in _STEPS if one * scale >= rough * 0.999)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]
