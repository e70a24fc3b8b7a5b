"""The console that everything is printed on."""

from typing import IO

from rich.console import Console

WIDEST = 120
"""Wider than this, lines are harder to read, not easier."""


def console_on(file: IO[str], width: int | None = None) -> Console:
    """Return a console that reads no markup out of text, and colours nothing that is piped.

    ``width`` is taken from the terminal where it is None (80 columns where there is none).
    """
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    if width is None and console.width > WIDEST:
        console.width = WIDEST
    return console
