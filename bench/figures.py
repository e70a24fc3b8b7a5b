"""Figures: medians over repeats, beside a named baseline of the same run, as a table."""

from collections.abc import Sequence
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table


class Baseline(msgspec.Struct, frozen=True):
    """What a figure is measured beside, in the same unit, repeat by repeat in turn with it."""

    name: str
    values: tuple[float, ...]


class Figure(msgspec.Struct, frozen=True):
    """One measured thing: a value for each repeat.

    ``least`` is the goal where more is better, ``most`` where less is.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    baseline: Baseline | None = None
    least: float | None = None
    most: float | None = None

    @property
    def median(self) -> float:
        """Return the median over the repeats."""
        return median(self.values)

    @property
    def ratio(self) -> float | None:
        """Return the median over the repeats of figure / baseline; None without a baseline."""
        if self.baseline is None:
            return None
        pairs = zip(self.values, self.baseline.values, strict=True)
        return median(value / beside for value, beside in pairs)


class Section(msgspec.Struct, frozen=True):
    """Figures that belong together, and what must be known to read them."""

    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def show(section: Section, console: Console) -> None:
    """Print a section as a table."""
    table = Table(title=section.title, title_justify="left", title_style="bold")
    table.add_column("what")
    for heading in ("median", "least", "most"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    table.add_column("beside")
    table.add_column("ratio", justify="right")
    table.add_column("goal", justify="right")
    for figure in section.figures:
        table.add_row(*_cells(figure))
    console.print(table)
    for note in section.notes:
        console.print(note, highlight=False)
    console.print()


def _cells(figure: Figure) -> tuple[str, ...]:
    beside, ratio, goal = "", "", ""
    digits = 2 if figure.unit else 4  # a figure without a unit is a share
    if figure.baseline is not None:
        beside = f"{figure.baseline.name}: {_number(median(figure.baseline.values), digits)}"
        ratio = f"{figure.ratio:.2f}"
    if figure.least is not None:
        met = "met" if figure.median >= figure.least else "MISSED"
        goal = f"≥ {_number(figure.least, digits)} {met}"
    if figure.most is not None:
        met = "met" if figure.median <= figure.most else "MISSED"
        goal = f"≤ {_number(figure.most, digits)} {met}"
    values = (figure.median, min(figure.values), max(figure.values))
    middle, low, high = (_number(value, digits) for value in values)
    return figure.name, middle, low, high, figure.unit, beside, ratio, goal


def _number(value: float, digits: int) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.{digits}f}"
