"""Commands on one retention task: see it, take it, work on it, end it."""

import datetime
from collections.abc import Callable
from typing import Annotated

import msgspec
import typer

from domain.retention.commands import (
    About,
    Accept,
    Claim,
    Close,
    Decline,
    LogContact,
    Moment,
    Note,
    PeoplesCommand,
    Reassign,
    Reopen,
    Snooze,
    Wake,
)
from events.interactions import Channel, Direction
from events.task_values import Actor, ActorRole, DeclineReason, Outcome, WakeOn
from infra.desk.port import Done
from services.alerts.api import CommandAnswer
from services.commands.clusters import on_kafka_desk
from services.commands.engines import on_existing_log
from services.commands.places import place_of
from services.commands.task_reading import REFUSED, found_task
from services.commands.terminal import JsonOption, Terminal, terminal_of
from services.mode import FolderOption, Mode, ModeOption
from services.ops.place import Cluster, Place
from services.ops.rendering.inbox import render_task
from services.ops.rendering.safe import escaped
from services.ops.rendering.task_wording import refusal_words, state_words

_NOT_YET = Moment(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), datetime.date(1970, 1, 1))
"""Whoever carries a command out says what time it is."""

app = typer.Typer()
task_app = typer.Typer(no_args_is_help=True, help="What one does with a retention task.")
app.add_typer(task_app, name="task")

TaskArgument = Annotated[str, typer.Argument(help="Id of a task, or how it begins.")]
AsOption = Annotated[
    str, typer.Option("--as", envvar="HOLDFAST_AS", show_envvar=True, help="Who acts: a manager.")
]
LeadOption = Annotated[bool, typer.Option("--lead", help="Act as a lead.")]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="Only if the task is at this version still.")
]
NoteOption = Annotated[str | None, typer.Option("--note", help="A text to be kept with it.")]


class Asked(msgspec.Struct, frozen=True):
    """Which task, by whom, on which version, at which desk."""

    context: typer.Context
    place: Place
    task: str
    code: str
    lead: bool = False
    version: int | None = None


@task_app.command("show")
def show_task(
    context: typer.Context,
    task: TaskArgument,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    as_json: JsonOption = False,
) -> None:
    """Show a task: what it is worth and why, and what happened to it."""
    terminal = terminal_of(context)
    view, zone = found_task(context, place_of(context, mode, data), task)
    if as_json:
        terminal.json(view)
    else:
        terminal.show(render_task(view, terminal.catalogue, zone))


@task_app.command("accept")
def accept(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    version: VersionOption = None,
) -> None:
    """Work on what is offered to you."""
    _do(Asked(context, place_of(context, mode, data), task, code, version=version), Accept)


@task_app.command("claim")
def claim(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    version: VersionOption = None,
) -> None:
    """Take a task out of the queue."""
    _do(Asked(context, place_of(context, mode, data), task, code, version=version), Claim)


@task_app.command("decline")
def decline(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    why_not: Annotated[DeclineReason, typer.Option("--why", help="Why you do not take it.")],
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    note: NoteOption = None,
    version: VersionOption = None,
) -> None:
    """Give back what is offered to you: it goes back into the queue, as old as it was."""
    _do(
        Asked(context, place_of(context, mode, data), task, code, version=version),
        lambda about: Decline(about, why_not, note),
    )


@task_app.command("contact")
def contact(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    channel: Annotated[Channel, typer.Option(help="On which way.")],
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    direction: Annotated[Direction, typer.Option(help="Who sought whom.")] = Direction.OUTBOUND,
    reached: Annotated[bool, typer.Option(help="Whether somebody was reached.")] = True,
    note: NoteOption = None,
) -> None:
    """Say that you were in contact with the customer."""
    _do(
        Asked(context, place_of(context, mode, data), task, code),
        lambda about: LogContact(about, channel, direction, reached, note),
    )


@task_app.command("note")
def write_note(
    context: typer.Context,
    task: TaskArgument,
    text: Annotated[str, typer.Argument(help="What to write down.")],
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    lead: LeadOption = False,
) -> None:
    """Write something down."""
    _do(
        Asked(context, place_of(context, mode, data), task, code, lead),
        lambda about: Note(about, text),
    )


@task_app.command("snooze")
def snooze(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    until: Annotated[datetime.datetime, typer.Option(formats=["%Y-%m-%d"], help="It wakes then.")],
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    wake_on: Annotated[
        list[WakeOn] | None, typer.Option(help="Or as soon as this happens; may be repeated.")
    ] = None,
    version: VersionOption = None,
) -> None:
    """Let a task rest until a day, or until something happens."""
    _do(
        Asked(context, place_of(context, mode, data), task, code, version=version),
        lambda about: Snooze(about, until.date(), tuple(wake_on or ())),
    )


@task_app.command("wake")
def wake(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    lead: LeadOption = False,
) -> None:
    """Go on with a task that rests."""
    _do(Asked(context, place_of(context, mode, data), task, code, lead), Wake)


@task_app.command("reassign")
def reassign(
    context: typer.Context,
    task: TaskArgument,
    manager: Annotated[str, typer.Argument(help="To whom it is offered.")],
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    version: VersionOption = None,
) -> None:
    """Offer a task to another manager, as a lead."""
    asked = Asked(context, place_of(context, mode, data), task, code, lead=True, version=version)
    _do(asked, lambda about: Reassign(about, manager))


@task_app.command("close")
def close(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    outcome: Annotated[Outcome, typer.Option(help="How it ended.")],
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    note: NoteOption = None,
    lead: LeadOption = False,
    version: VersionOption = None,
) -> None:
    """End a task and say how it ended."""
    asked = Asked(context, place_of(context, mode, data), task, code, lead, version)
    _do(asked, lambda about: Close(about, outcome, note))


@task_app.command("reopen")
def reopen(
    context: typer.Context,
    task: TaskArgument,
    code: AsOption,
    data: FolderOption = None,
    mode: ModeOption = Mode.EMBEDDED,
    lead: LeadOption = False,
) -> None:
    """Go on with a task that was closed not more than a fortnight ago."""
    _do(Asked(context, place_of(context, mode, data), task, code, lead), Reopen)


def _do(asked: Asked, command: Callable[[About], PeoplesCommand]) -> None:
    """Carry out a command at the desk of a cluster, or in the process of the folder."""
    terminal, place = terminal_of(asked.context), asked.place
    task = found_task(asked.context, place, asked.task)[0].task
    actor = Actor(ActorRole.LEAD if asked.lead else ActorRole.MANAGER, asked.code)
    meant = command(About(task.task_id, actor, _NOT_YET, asked.version))
    if isinstance(place, Cluster):
        answered = on_kafka_desk(place, meant)
    else:
        answered = on_existing_log(
            place, lambda remote: remote.execute(meant), lambda engine: engine.execute(meant)
        )
    _tell(terminal, answered)


def _tell(terminal: Terminal, answered: CommandAnswer) -> None:
    if not isinstance(answered, Done):
        typer.echo(f"holdfast: {escaped(refusal_words(answered, terminal.catalogue))}", err=True)
        raise typer.Exit(REFUSED)
    task = answered.task
    said = terminal.catalogue.say(
        "The task is {state} now, version {version}.",
        state=state_words(task.state, terminal.catalogue),
        version=task.version,
    )
    terminal.show(said)
