"""Commands about sources: declare what one sends every day, take that back, list them."""

from pathlib import Path
from typing import Annotated

import typer

from events.control import SourceScheduled
from infra.folder import DataFolder
from services.commands.clusters import on_kafka_log
from services.commands.engines import on_existing_log
from services.commands.places import place_of
from services.commands.reading import look
from services.commands.terminal import JsonOption, terminal_of
from services.ingest.schedules import declare, schedule_of
from services.mode import FolderOption, Mode, ModeOption, needed_folder
from services.ops.reading import Reading
from services.ops.rendering.sources import render_sources
from services.ops.sources import ScheduledFeed, scheduled_feeds

app = typer.Typer()
sources_app = typer.Typer(no_args_is_help=True, help="What the sources send every day.")
app.add_typer(sources_app, name="source")

SourceArgument = Annotated[str, typer.Argument(help="The source, as its records name it.")]


@sources_app.command("schedule")
def schedule(
    context: typer.Context,
    source: SourceArgument,
    service: Annotated[list[str], typer.Option(help="Code of a service; may be repeated.")],
    data: FolderOption = None,
    delay: Annotated[int, typer.Option(help="Days that a day's feed may be late, 0 to 7.")] = 0,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Declare that a source sends every day what was used of these services."""
    scheduled = schedule_of(source, service, delay)
    _declare(context, mode, data, scheduled)
    terminal = terminal_of(context)
    said = terminal.catalogue.say_plural(
        "{source} sends {services} every day, up to {number} day late.",
        "{source} sends {services} every day, up to {number} days late.",
        delay,
        source=source,
        services=terminal.catalogue.joined(list(scheduled.services)),
    )
    terminal.show(said)


@sources_app.command("unschedule")
def unschedule(
    context: typer.Context,
    source: SourceArgument,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Take back what was declared of a source: its services are not watched any more."""
    _declare(context, mode, data, schedule_of(source, (), 0))
    terminal = terminal_of(context)
    terminal.show(terminal.catalogue.say("{source} has no schedule any more.", source=source))


@sources_app.command("list")
def list_sources(
    context: typer.Context,
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """List the scheduled feeds, and whether the day that closed last had come."""

    async def feeds(reading: Reading) -> tuple[ScheduledFeed, ...]:
        return scheduled_feeds(reading.head)

    terminal = terminal_of(context)
    found, _ = look(place_of(context, mode, data), feeds)
    if as_json:
        terminal.json(found)
    else:
        terminal.show(render_sources(found, terminal.catalogue))


def _declare(
    context: typer.Context, mode: Mode, data: Path | None, scheduled: SourceScheduled
) -> None:
    if mode is Mode.KAFKA:
        on_kafka_log(context, lambda log: declare(log, scheduled))
        return
    on_existing_log(
        DataFolder(needed_folder(context, data)),
        lambda remote: remote.schedule_source(scheduled),
        lambda engine: declare(engine.log, scheduled),
    )
