"""`holdfast backup` and `holdfast restore`: what cannot be made again, into a folder and back."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop
from rich.console import Group, RenderableType

from infra.backup.data_folder import copy_folder
from infra.backup.folder import new_backup
from infra.clock import SystemClock
from infra.folder import DataFolder
from infra.kafka import settings as kafka_settings
from infra.kafka.topic_times import is_about_times
from infra.mendable import MendableError
from infra.messages.catalogue import Catalogue
from infra.postgres import settings as postgres_settings
from services.commands.places import place_of
from services.commands.progress import stage_bars
from services.commands.terminal import JsonOption, terminal_of
from services.commands.topics_check import refuse_other_topics
from services.distributed_backup import BackupSummary, back_up, checked, restore
from services.mode import FolderOption, Mode, ModeOption, needed_folder
from services.ops.place import Cluster
from services.ops.rendering.grids import heading, indented, label_rows
from services.ops.rendering.safe import plain


class NothingToRestoreError(MendableError):
    """A command that embedded mode does not need."""


class FolderBackup(msgspec.Struct, frozen=True):
    """A copy of a data folder, and its size in bytes."""

    folder: str
    bytes: int


app = typer.Typer()

BackupArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backup.")]


@app.command("backup")
def backup_command(
    context: typer.Context,
    folder: BackupArgument,
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Copy what cannot be made again into a new folder. On Kafka everything may run meanwhile."""
    terminal = terminal_of(context)
    if mode is Mode.EMBEDDED:
        source = DataFolder(needed_folder(context, data))
        with new_backup(folder) as unfinished:
            size = copy_folder(source, unfinished)
        copied = FolderBackup(str(folder), size)
        if as_json:
            terminal.json(copied)
        else:
            terminal.show(_folder_words(copied, terminal.catalogue))
        return
    with stage_bars(terminal.catalogue) as report:
        kafka, postgres = kafka_settings.read_settings(), postgres_settings.read_settings()
        found = uvloop.run(back_up(kafka, postgres, folder, SystemClock(), report))
    if as_json:
        terminal.json(found)
    else:
        title = terminal.catalogue.say("Backed up.")
        terminal.show(_words(title, found, terminal.catalogue))


@app.command("restore")
def restore_command(
    context: typer.Context,
    folder: BackupArgument,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Kafka mode: write a backup into empty topics; broken off, the same command goes on."""
    terminal = terminal_of(context)
    place = place_of(context, mode, folder)
    if not isinstance(place, Cluster):
        raise NothingToRestoreError(
            f"in embedded mode a backup is a data folder itself: copy {folder} to where the log is to"
            " be, and `holdfast serve --data` that copy"
        )
    refuse_other_topics(place.kafka, terminal.catalogue, is_about_times)
    with stage_bars(terminal.catalogue) as report:
        found = uvloop.run(restore(place, checked(folder, report), report))
    if as_json:
        terminal.json(found)
    else:
        title = terminal.catalogue.say(
            "Restored; now start the services, which make all else of it."
        )
        terminal.show(_words(title, found, terminal.catalogue))


def _folder_words(found: FolderBackup, catalogue: Catalogue) -> RenderableType:
    said = catalogue.say(
        "Backed up into {folder}, {size} bytes: a data folder of its own.",
        folder=found.folder,
        size=found.bytes,
    )
    return heading(said)


def _words(title: str, found: BackupSummary, catalogue: Catalogue) -> RenderableType:
    rows = [
        (catalogue.say("folder"), found.folder),
        (catalogue.say("log"), found.log_id),
        (catalogue.say("taken"), found.taken),
        (catalogue.say("open day"), found.open_day or "-"),
        *((topic, catalogue.number(number)) for topic, number in found.records.items()),
        (catalogue.say("bytes"), catalogue.number(found.bytes)),
    ]
    table = label_rows([(label, plain(value)) for label, value in rows])
    return Group(heading(title), indented(table))
