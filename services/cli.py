"""The `holdfast` command: what can be asked for, and how it ends.

Exit codes: 0 done, 1 a verification found differences, 2 refused or failed (the reason on stderr).
"""

import asyncio
import datetime
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from events.control import ClockMode
from infra.clock import SystemClock
from infra.folder import DataFolder, FolderInUseError
from infra.log.port import LogUnavailableError
from infra.log.transaction import ImportUnderWayError
from infra.sqlite.connection import StoreError
from infra.state.port import IdentityMismatchError
from infra.stream.release import OtherReleaseError
from infra.stream.runner import HaltedError, ReplacedLogError
from services.embedded import NewLog, open_engine
from services.importing import ImportCommand, Step, abandon_command, plan_command, run_command
from services.ingest.clock import ClockRefusedError
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.settings import IngestSettings
from services.ops.verify.run import verify as run_verify
from services.remote import Remote, RemoteRefusedError
from services.serving import PortInUseError, quiet_libraries
from services.serving import serve as run_server

REFUSALS = (
    ClockRefusedError,
    FolderInUseError,
    HaltedError,
    IdentityMismatchError,
    ImportRefusedError,
    ImportUnderWayError,
    LogUnavailableError,
    LookupError,
    OtherReleaseError,
    PortInUseError,
    RemoteRefusedError,
    ReplacedLogError,
    StoreError,
)
"""What a user can mend; the message says how. Anything else is a fault of ours, with its trace."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
clock_app = typer.Typer(no_args_is_help=True, help="What 'now' means, and the opening of days.")
app.add_typer(clock_app, name="clock")

DataOption = Annotated[Path, typer.Option("--data", envvar="HOLDFAST_DATA", help="Data folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="CSV files, plain or gz.")],
    map_file: Annotated[Path, typer.Option("--map", help="Mapping file (YAML).")],
    data: DataOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen.")] = False,
    dead_letter_late: Annotated[
        bool, typer.Option("--dead-letter-late", help="Set aside facts that come too late.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring files into the log as facts; give the same command again to take up a broken one."""
    command = ImportCommand(DataFolder(data), tuple(files), map_file, dead_letter_late)
    with progress_bar() as report:
        run = plan_command if dry_run else run_command
        outcome = run(command, IngestSettings(), SystemClock(), report)
    typer.echo(msgspec.json.encode(outcome))


@app.command("import-abandon")
def import_abandon(data: DataOption) -> None:
    """Give up the import that was broken off; what it appended stays."""
    given_up = abandon_command(DataFolder(data), IngestSettings(), SystemClock())
    typer.echo("no import is under way" if given_up is None else f"gave up {given_up.import_id}")


@app.command()
def serve(
    data: DataOption,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 for any.")] = None,
) -> None:
    """Run the door and the profiles until SIGTERM or Ctrl-C."""
    settings = IngestSettings()
    quiet_libraries()

    async def run() -> None:
        new_log = NewLog.from_settings(settings, ClockMode.WALL)
        async with open_engine(DataFolder(data), new_log, SystemClock()) as engine:
            await run_server(engine, host or settings.host, settings.port if port is None else port)

    asyncio.run(run())


@clock_app.command("advance")
def clock_advance(
    to: Annotated[datetime.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Day.")],
    data: DataOption,
) -> None:
    """Open every day up to this one, on a log whose clock stands."""
    folder, day = DataFolder(data), to.date()
    holder = folder.holder()
    if holder is not None and holder.url is not None:
        opened = Remote(holder.url).advance_clock(day)
    else:
        opened = asyncio.run(_advance(folder, day))
    typer.echo(f"opened {opened} days, up to {day}")


@clock_app.command("set")
def clock_set(
    mode: Annotated[ClockMode, typer.Argument(help="wall or log")], data: DataOption
) -> None:
    """Let the clock follow the wall, or stand at the end of the last opened day."""
    folder = DataFolder(data)
    holder = folder.holder()
    if holder is not None and holder.url is not None:
        Remote(holder.url).set_clock(mode)
    else:
        asyncio.run(_set_mode(folder, mode))
    typer.echo(f"clock: {mode.value}")


@app.command()
def verify(data: DataOption, as_json: JsonOption = False) -> None:
    """Fold everything anew from zero and compare it with what is stored, byte by byte."""
    with progress_bar() as report:
        found = asyncio.run(
            run_verify(
                DataFolder(data), lambda stage, done, total: report(Step(stage, done, total))
            )
        )
    typer.echo(msgspec.json.encode(found))
    typer.echo(f"digest {found.digest}")
    if found.found:
        raise typer.Exit(1)


async def _advance(folder: DataFolder, day: datetime.date) -> int:
    new_log = NewLog.from_settings(IngestSettings(), ClockMode.LOG)
    async with open_engine(folder, new_log, SystemClock()) as engine:
        opened = await engine.day_clock.advance(day)
        await engine.profiles.runner.catch_up()
        return opened


async def _set_mode(folder: DataFolder, mode: ClockMode) -> None:
    new_log = NewLog.from_settings(IngestSettings(), mode)
    async with open_engine(folder, new_log, SystemClock()) as engine:
        await engine.day_clock.set_mode(mode)
        await engine.profiles.runner.catch_up()


@contextmanager
def progress_bar() -> Iterator["StageBars"]:
    """Show a bar for each stage on stderr, with rate and time left."""
    columns = (
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield StageBars(progress)


class StageBars:
    """One bar a stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        """Move the bar of a stage."""
        if step.stage not in self._tasks:
            self._tasks[step.stage] = self._progress.add_task(step.stage, total=step.total, rate="")
        task = self._tasks[step.stage]
        speed = next(entry for entry in self._progress.tasks if entry.id == task).speed
        rate = "" if speed is None else f"{speed:,.0f}/s"
        self._progress.update(task, completed=step.done, total=step.total, rate=rate)


def main() -> None:
    """Run the command; say what a user can mend on one line of stderr, without a trace."""
    try:
        app()
    except (*REFUSALS, ValidationError) as error:
        typer.echo(f"holdfast: {error}", err=True)
        sys.exit(2)
