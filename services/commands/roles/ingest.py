"""`holdfast ingest`."""

from typing import Annotated

import typer

from events.control import ClockMode
from services.commands.roles.beginning import begun
from services.distributed.ingest import ingest_role
from services.door_server import listening, say_reach
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.worker import run_role

app = typer.Typer()


@app.command()
def ingest(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free.")
    ] = None,
) -> None:
    """Kafka mode: run the door and the clock; of several such processes one writes at a time."""
    settings, servers = IngestSettings(), begun(context)
    new_log = NewLog.from_settings(settings, ClockMode.WALL)
    listen_on = settings.port if port is None else port
    with listening(host or settings.host, listen_on) as listener:
        say_reach(listener)
        run_role(lambda: ingest_role(servers, settings, new_log, listener))
