"""Where commands print: one console and one language for all of them."""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import RenderableType

from infra.messages.catalogue import Catalogue
from infra.messages.language import choose_language
from services.ops.rendering.safe import json_line
from services.ops.rendering.terminal import console_on

DataOption = Annotated[
    Path, typer.Option("--data", envvar="HOLDFAST_DATA", help="Data folder.", show_envvar=True)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]


class Terminal:
    """The console on standard output, and the language of whoever reads it."""

    def __init__(self, language: str | None) -> None:
        """Raise `UnknownLanguageError` for a language that there is no catalogue for."""
        chosen = choose_language(language, os.environ.get("LC_ALL"), os.environ.get("LANG"))
        self.catalogue = Catalogue(chosen)
        self._console = console_on(sys.stdout)

    def show(self, content: RenderableType) -> None:
        """Print for a person."""
        self._console.print(content)

    def json(self, value: msgspec.Struct | tuple[msgspec.Struct, ...]) -> None:
        """Print one line of JSON for a program."""
        typer.echo(json_line(value))


def terminal_of(context: typer.Context) -> Terminal:
    """Return the terminal that the command line was begun with."""
    found = context.find_object(Terminal)
    if found is None:
        raise LookupError("a command runs inside the holdfast command line")
    return found
