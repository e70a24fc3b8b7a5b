"""`holdfast config`: what this process is set to, and whether it works."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType

from infra.messages.catalogue import Catalogue
from services.commands.terminal import JsonOption, terminal_of
from services.configuration import Configuration, Origin, look
from services.ops.rendering.grids import heading, indented
from services.ops.rendering.safe import plain

WRONG = 1

app = typer.Typer()
config_app = typer.Typer(no_args_is_help=True, help="What this process is set to.")
app.add_typer(config_app, name="config")


@config_app.callback()
def config() -> None:
    """What this process is set to."""


@config_app.command("check")
def config_check(
    context: typer.Context,
    mode: Annotated[
        str, typer.Option(envvar="HOLDFAST_MODE", help="embedded or kafka.", show_envvar=True)
    ] = "embedded",
    as_json: JsonOption = False,
) -> None:
    """Show every setting that is given, try them all, and exit with 1 where one does not work."""
    terminal, found = terminal_of(context), look(distributed=mode == "kafka")
    if as_json:
        terminal.json(found)
    else:
        terminal.show(_words(found, terminal.catalogue))
    if not found.works:
        raise typer.Exit(WRONG)


def _words(found: Configuration, catalogue: Catalogue) -> RenderableType:
    given = [one for one in found.settings if one.origin is Origin.GIVEN]
    lines: list[RenderableType] = [heading(catalogue.say("Settings that are given:"))]
    lines += [indented(plain(f"{one.name}={one.value}")) for one in given]
    if not given:
        lines.append(indented(plain(catalogue.say("None; all stand at their defaults."))))
    lines.append(heading(catalogue.say("Tried:")))
    for trial in found.trials:
        what = catalogue.say("in order") if trial.wrong is None else trial.wrong
        lines.append(indented(plain(f"{trial.what}: {what}")))
    return Group(*lines)
