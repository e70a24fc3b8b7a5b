"""The services of Kafka mode, each a process of its own, from the door to the archive."""

from typing import Annotated

import typer

from events.control import ClockMode
from infra.garbage import collect_seldom
from services.alerts.settings import AlertsSettings, DeskSettings
from services.commands.engines import kafka_servers
from services.commands.places import cluster_of_environment
from services.console.settings import ConsoleSettings
from services.distributed import (
    Servers,
    archive_role,
    ingest_role,
    intake_role,
    learning_role,
    profiles_role,
)
from services.distributed_alerts import alerts_role
from services.distributed_console import Wish, console_role
from services.door_server import listening, say_reach
from services.ingest.from_kafka.settings import IntakeSettings
from services.ingest.settings import IngestSettings
from services.logs import logging_as
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
    settings, servers = IngestSettings(), _ready(context)
    new_log = NewLog.from_settings(settings, ClockMode.WALL)
    listen_on = settings.port if port is None else port
    with listening(host or settings.host, listen_on) as listener:
        say_reach(listener)
        run_role(lambda: ingest_role(servers, settings, new_log, listener))


@app.command()
def intake(context: typer.Context) -> None:
    """Kafka mode: take what systems publish to crm.intake to the door of ingest."""
    settings, servers = IntakeSettings(), _ready(context)
    run_role(lambda: intake_role(servers, settings))


@app.command()
def profiles(context: typer.Context) -> None:
    """Kafka mode: fold facts into states; such processes share the partitions among them."""
    servers = _ready(context)
    run_role(lambda: profiles_role(servers))


@app.command()
def learning(context: typer.Context) -> None:
    """Kafka mode: learn the models; of several such processes one learns at a time."""
    servers = _ready(context)
    run_role(lambda: learning_role(servers))


@app.command()
def alerts(context: typer.Context) -> None:
    """Kafka mode: make tasks of signals; such processes share the signals, and one of them tells."""
    servers = _ready(context)
    run_role(lambda: alerts_role(servers, AlertsSettings(), DeskSettings()))


@app.command()
def archive(context: typer.Context) -> None:
    """Kafka mode: keep facts and all that was said of them in PostgreSQL, for whoever looks."""
    servers = _ready(context)
    run_role(lambda: archive_role(servers))


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
    _ready(context)
    listen_on = ConsoleSettings().port if port is None else port
    place = cluster_of_environment()
    run_role(lambda: console_role(place, Wish(listen_on, anew)))


def _ready(context: typer.Context) -> Servers:
    """Return the servers, once topics and rights are found to be as they must be."""
    logging_as(str(context.info_name))
    collect_seldom()
    return kafka_servers(context)
