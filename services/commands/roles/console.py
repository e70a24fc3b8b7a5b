"""`holdfast console`."""

from typing import Annotated

import typer

from services.commands.places import cluster_of_environment
from services.commands.roles.beginning import begun
from services.console.settings import ConsoleSettings
from services.distributed.console import Wish, console_role
from services.worker import run_role

app = typer.Typer()


@app.command()
def console(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the console; 0 takes any free one."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make its read model of tasks anew from crm.tasks.")
    ] = False,
) -> None:
    """Kafka mode: show customers and tasks on pages, to this machine alone."""
    begun(context)
    listen_on = ConsoleSettings().port if port is None else port
    place = cluster_of_environment()
    run_role(lambda: console_role(place, Wish(listen_on, anew)))
