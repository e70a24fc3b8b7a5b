"""Plain building blocks: rows of label and value, tables without walls, headings."""

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.ops.rendering.safe import plain


def heading(text: str) -> Text:
    """Return the heading of a section."""
    return plain(text, "bold")


def label_rows(rows: Iterable[tuple[str, Text | str]]) -> Table:
    """Return label and value side by side, one pair a row."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(plain(label), plain(value) if isinstance(value, str) else value)
    return grid


def table(*columns: str, right: tuple[int, ...] = (), whole: tuple[int, ...] = ()) -> Table:
    """Return a table with a ruled header; columns ``right`` are figures, ``whole`` never wrap."""
    made = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="dim",
    )
    for place, name in enumerate(columns):
        made.add_column(
            plain(name),
            justify="right" if place in right else "left",
            no_wrap=place in right or place in whole,
            overflow="fold",
        )
    return made


def indented(content: RenderableType, columns: int = 2) -> Padding:
    """Return content moved to the right, without filling lines up with blanks."""
    return Padding(content, (0, 0, 0, columns), expand=False)


def add_row(made: Table, *cells: Text | str) -> None:
    """Add a row to a table, every cell of text escaped."""
    made.add_row(*(plain(cell) if isinstance(cell, str) else cell for cell in cells))


def stacked(*rows: str) -> Text:
    """Return a cell of several lines, each escaped."""
    return Text("\n").join(map(plain, rows))
