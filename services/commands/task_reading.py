"""Commands that only look at tasks: the inbox, and why a customer has a task or none. They take no lock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from infra.desk.reading import DeskReader, InboxQuery
from services.commands.places import place_of
from services.commands.terminal import JsonOption, LimitOption, terminal_of
from services.mode import FolderOption, Mode, ModeOption
from services.ops.customers import ResolvedCustomer, resolve_customer
from services.ops.desk import NoTask, TaskView, WhyView, inbox, open_desk, task_view, why
from services.ops.place import Place
from services.ops.reading import Reading, open_reading
from services.ops.rendering.inbox import render_inbox, render_why
from services.ops.rendering.outcomes import NothingToShow, explain
from services.ops.rendering.safe import escaped

T = TypeVar("T")
REFUSED = 2

app = typer.Typer()


@app.command("inbox")
def show_inbox(
    context: typer.Context,
    data: FolderOption = None,
    manager: Annotated[str | None, typer.Option(help="Of this manager only.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """List open tasks: by due date within four working hours, then by priority."""
    terminal, query = terminal_of(context), InboxQuery(manager=manager, limit=limit)
    place = place_of(context, mode, data)
    view, zone = look_at_desk(place, lambda reading, desk: inbox(reading, desk, query))
    if as_json:
        terminal.json(view)
    else:
        terminal.show(render_inbox(view, terminal.catalogue, zone))


@app.command("why")
def show_why(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="Customer id, SYSTEM:KEY, or a KEY.")],
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Say why a customer has the tasks that it has, or none: each gate, what it found and needs."""

    async def find(reading: Reading, desk: DeskReader) -> WhyView | NothingToShow:
        found = await resolve_customer(reading.archive, reading.head, customer)
        if not isinstance(found, ResolvedCustomer):
            return found
        return await why(reading, desk, found.customer_id)

    terminal = terminal_of(context)
    view, zone = look_at_desk(place_of(context, mode, data), find)
    if as_json:
        terminal.json(view)
    elif isinstance(view, WhyView):
        terminal.show(render_why(view, terminal.catalogue))
    else:
        typer.echo(explain(view, terminal.catalogue, zone), err=True)
    if not isinstance(view, WhyView):
        raise typer.Exit(REFUSED)


def found_task(context: typer.Context, place: Place, text: str) -> tuple[TaskView, ZoneInfo]:
    """Return the task whose id begins so; say that there is none, and fail."""
    view, zone = look_at_desk(place, lambda reading, desk: task_view(reading, desk, text))
    if isinstance(view, NoTask):
        said = terminal_of(context).catalogue.say(
            "No task, or more than one, has an id that begins with {text}.", text=view.text
        )
        typer.echo(f"holdfast: {escaped(said)}", err=True)
        raise typer.Exit(REFUSED)
    return view, zone


def look_at_desk(
    place: Place, query: Callable[[Reading, DeskReader], Awaitable[T]]
) -> tuple[T, ZoneInfo]:
    """Return what a query finds at the desk of a log, and the log's business time zone."""

    async def run() -> tuple[T, ZoneInfo]:
        async with open_reading(place) as reading, open_desk(place) as desk:
            zone = ZoneInfo(reading.head.identity.business_timezone)
            return await query(reading, desk), zone

    return asyncio.run(run())
