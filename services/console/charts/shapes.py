"""What a drawing consists of. Lengths in units of the drawing, from its upper left corner."""

import msgspec


class Bar(msgspec.Struct, frozen=True, tag="bar"):
    """A filled rectangle; ``label`` is told when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    look: str
    label: str = ""


class Line(msgspec.Struct, frozen=True, tag="line"):
    """Points that are joined; as an ``area`` they enclose one that is filled."""

    points: tuple[tuple[float, float], ...]
    look: str
    area: bool = False

    @property
    def path(self) -> str:
        """The points as SVG writes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


class Dot(msgspec.Struct, frozen=True, tag="dot"):
    """A marked point."""

    x: float
    y: float
    look: str
    label: str = ""


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A word at a place; ``anchor`` says which end of it stands there: start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    look: str = "tick"


Shape = Bar | Line | Dot | Text


class Drawing(msgspec.Struct, frozen=True):
    """A whole chart. ``title`` names it for those who do not see it; a table stands beside each."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
