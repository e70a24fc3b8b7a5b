"""Commands that run or move a log: serve, clock, verify."""

import asyncio
import datetime
from typing import Annotated

import typer
import uvloop

from events.control import ClockMode
from infra.clock import SystemClock
from infra.folder import DataFolder
from infra.log.port import EventLog, head_of
from infra.mendable import MendableError
from services.commands.clusters import on_kafka_log
from services.commands.engines import in_engine, on_existing_log
from services.commands.places import place_of
from services.commands.progress import stage_bars
from services.commands.rebuild_words import comparison_words
from services.commands.terminal import DataOption, JsonOption, terminal_of
from services.commands.verify_words import report_words
from services.console.settings import ConsoleSettings
from services.embedded import Engine
from services.ingest.clock import DayClock
from services.ingest.door import Door
from services.ingest.settings import IngestSettings
from services.logs import logging_as
from services.mode import FolderOption, Mode, ModeOption, needed_folder
from services.new_log import NewLog
from services.ops.verify.run import verify as run_verify
from services.rebuilding import rebuild as run_rebuild
from services.serving import Addresses
from services.serving import serve as run_server
from services.steps import Step

DIFFERENCES_FOUND = 1
REBUILD_REFUSED = (
    "`holdfast rebuild` works in embedded mode only. On Kafka, `holdfast profiles` folds anew by itself what"
    " Redis has lost, and `holdfast verify` compares every state with a fold from zero. A release that folds"
    " otherwise cannot take a projection over there: go on with the one that made it"
)


class EmbeddedOnlyError(MendableError):
    """A command that Kafka mode does not have."""


app = typer.Typer()
clock_app = typer.Typer(no_args_is_help=True, help="What 'now' means, and the opening of days.")
app.add_typer(clock_app, name="clock")

ManyDaysOption = Annotated[
    bool, typer.Option("--many-days", help="Open more than ten years of days at once.")
]
RelearnOption = Annotated[
    bool,
    typer.Option("--relearn", help="Learn every model anew from the recorded snapshots as well."),
]


@app.command()
def serve(
    data: DataOption,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free.")
    ] = None,
    console_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the console, on 127.0.0.1 only; 0 takes any free."
        ),
    ] = None,
) -> None:
    """Run the door, the profiles and the console until SIGTERM or Ctrl-C."""
    settings, console = IngestSettings(), ConsoleSettings()
    logging_as("serve")
    listen_on = settings.port if port is None else port
    addresses = Addresses(host or settings.host, listen_on, console.beside(listen_on, console_port))
    in_engine(
        DataFolder(data),
        NewLog.from_settings(settings, ClockMode.WALL),
        lambda engine: run_server(engine, addresses),
    )


@clock_app.command("advance")
def clock_advance(
    context: typer.Context,
    to: Annotated[datetime.datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day to open.")],
    data: FolderOption = None,
    many_days: ManyDaysOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Open every day up to this one, on a log whose clock stands."""
    terminal, day = terminal_of(context), to.date()
    if mode is Mode.KAFKA:
        opened = on_kafka_log(
            context, lambda log: _day_clock(log).advance(day, many_days=many_days)
        )
    else:
        opened = on_existing_log(
            DataFolder(needed_folder(context, data)),
            lambda remote: remote.advance_clock(day, many_days=many_days),
            lambda engine: _advance(engine, day, many_days=many_days),
        )
    said = terminal.catalogue.say_plural(
        "Opened {number} day, up to {day}.", "Opened {number} days, up to {day}.", opened, day=day
    )
    terminal.show(said)


@clock_app.command("set")
def clock_set(
    context: typer.Context,
    clock_mode: Annotated[
        ClockMode, typer.Argument(metavar="MODE", help="wall: follow it; log: stand still.")
    ],
    data: FolderOption = None,
    many_days: ManyDaysOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Let the clock follow the wall, or stand at the end of the last opened day."""
    terminal = terminal_of(context)
    if mode is Mode.KAFKA:
        on_kafka_log(context, lambda log: _day_clock(log).set_mode(clock_mode, many_days=many_days))
    else:
        on_existing_log(
            DataFolder(needed_folder(context, data)),
            lambda remote: remote.set_clock(clock_mode, many_days=many_days),
            lambda engine: _set_mode(engine, clock_mode, many_days=many_days),
        )
    terminal.show(terminal.catalogue.say("The clock is set: {mode}.", mode=clock_mode.value))


@app.command()
def rebuild(
    context: typer.Context,
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Fold the log anew into a projection beside the standing one, compare the two, switch over."""
    terminal = terminal_of(context)
    if mode is Mode.KAFKA:
        raise EmbeddedOnlyError(REBUILD_REFUSED)
    folder = DataFolder(needed_folder(context, data))
    with stage_bars(terminal.catalogue) as bars:
        found = uvloop.run(run_rebuild(folder, IngestSettings(), SystemClock(), bars))
    if as_json and found is not None:
        terminal.json(found)
    else:
        terminal.show(comparison_words(found, terminal.catalogue))


@app.command()
def verify(
    context: typer.Context,
    data: FolderOption = None,
    relearn: RelearnOption = False,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Fold everything anew from zero and compare it with what is stored, byte by byte."""
    terminal, place = terminal_of(context), place_of(context, mode, data)
    with stage_bars(terminal.catalogue) as bars:

        def tell(stage: str, done: int, total: int) -> None:
            bars(Step(stage, done, total))

        report = asyncio.run(run_verify(place, tell, relearn=relearn))
    if as_json:
        terminal.json(report)
    else:
        terminal.show(report_words(report, terminal.catalogue))
        if report.desk is not None:
            typer.echo(f"decisions {report.desk.digest}")
        typer.echo(f"digest {report.digest}")
    if report.found:
        raise typer.Exit(DIFFERENCES_FOUND)


def _day_clock(log: EventLog) -> DayClock:
    return DayClock(log, Door(head_of(log).identity), SystemClock())


async def _advance(engine: Engine, day: datetime.date, *, many_days: bool) -> int:
    opened = await engine.day_clock.advance(day, many_days=many_days)
    await engine.catch_up()
    return opened


async def _set_mode(engine: Engine, mode: ClockMode, *, many_days: bool) -> ClockMode:
    await engine.day_clock.set_mode(mode, many_days=many_days)
    await engine.catch_up()
    return mode
