"""Commands that only look: card, flagged, evaluate, tail, status, dlq. They take no lock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from domain.learning.quality.report import QualityReport
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.clock import SystemClock
from services.commands.places import place_of
from services.commands.terminal import (
    JsonOption,
    LimitOption,
    Terminal,
    terminal_of,
)
from services.mode import FolderOption, Mode, ModeOption
from services.ops.cards import CardView, card_at, card_now
from services.ops.customers import (
    AmbiguousCustomer,
    ResolvedCustomer,
    UnknownCustomer,
    resolve_customer,
)
from services.ops.dead_letters import DeadLetterView, list_dead_letters, show_dead_letter
from services.ops.flagged import FlaggedList
from services.ops.flagged import flagged as list_flagged
from services.ops.moments import read_moment
from services.ops.place import Place
from services.ops.quality import quality as read_quality
from services.ops.reading import Reading, open_reading
from services.ops.rendering.card import render_card
from services.ops.rendering.dead_letters import render_dead_letter, render_dead_letters
from services.ops.rendering.flagged import render_flagged
from services.ops.rendering.outcomes import NothingToShow, explain
from services.ops.rendering.quality import render_quality
from services.ops.rendering.status import render_status
from services.ops.rendering.tail import render_record
from services.ops.status import status as read_status
from services.ops.tail import check_topic, follow
from services.ops.tail import tail as read_tail
from services.ops.tail_records import TailRecord

SECONDS_BETWEEN_LOOKS = 0.5
NOTHING_FOUND = 2

app = typer.Typer()
dead_letters_app = typer.Typer(no_args_is_help=True, help="What could not become a fact.")
app.add_typer(dead_letters_app, name="dlq")

CustomerArgument = Annotated[str, typer.Argument(help="Customer id, SYSTEM:KEY, or a KEY.")]

T = TypeVar("T")


@app.command()
def card(
    context: typer.Context,
    customer: CustomerArgument,
    data: FolderOption = None,
    at: Annotated[str | None, typer.Option(help="A day or time: the card as of then.")] = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Show all that is known of a customer, now or as of a time gone by."""

    async def find(reading: Reading) -> CardView | NothingToShow:
        found = await resolve_customer(reading.archive, reading.head, customer)
        if not isinstance(found, ResolvedCustomer):
            return found
        if at is None:
            return await card_now(reading, found.customer_id)
        return await card_at(reading, found.customer_id, read_moment(at, reading.calendar))

    terminal = terminal_of(context)
    view, zone = look(place_of(context, mode, data), find)
    if not isinstance(view, CardView):
        _nothing(terminal, view, zone, as_json=as_json)
    elif as_json:
        terminal.json(view)
    else:
        terminal.show(render_card(view, terminal.catalogue, zone))


@app.command()
def flagged(
    context: typer.Context,
    data: FolderOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """List customers with standing signals, by the value at stake."""
    terminal = terminal_of(context)
    listed, zone = look(place_of(context, mode, data), lambda reading: list_flagged(reading, limit))
    if not isinstance(listed, FlaggedList):
        _nothing(terminal, listed, zone, as_json=as_json)
    elif as_json:
        terminal.json(listed)
    else:
        terminal.show(render_flagged(listed, terminal.catalogue))


@app.command()
def evaluate(
    context: typer.Context,
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Say how good the scores were, now that it is known who churned."""
    terminal = terminal_of(context)
    found, zone = look(place_of(context, mode, data), read_quality)
    if not isinstance(found, QualityReport):
        _nothing(terminal, found, zone, as_json=as_json)
    elif as_json:
        terminal.json(found)
    else:
        terminal.show(render_quality(found, terminal.catalogue))


@app.command()
def status(
    context: typer.Context,
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Say where the log stands, how fresh the states are, and what needs looking at."""
    terminal, wall = terminal_of(context), SystemClock().now()
    place = place_of(context, mode, data)
    view, zone = look(place, lambda reading: read_status(reading, place, wall))
    if as_json:
        terminal.json(view)
    else:
        terminal.show(render_status(view, terminal.catalogue, zone))


@app.command()
def tail(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="Such as crm.facts or crm.signals.")],
    data: FolderOption = None,
    customer: Annotated[str | None, typer.Option(help="Of this customer only.")] = None,
    limit: LimitOption = 20,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Show the last records of a topic."""
    terminal, place = terminal_of(context), place_of(context, mode, data)
    subject, zone = look(place, lambda reading: _subject(reading, topic, customer))
    if isinstance(subject, UnknownCustomer | AmbiguousCustomer):
        _nothing(terminal, subject, zone, as_json=as_json)
        return

    def show(record: TailRecord) -> None:
        if as_json:
            terminal.json(record)
        else:
            terminal.show(render_record(record, terminal.catalogue, zone))

    if following:
        asyncio.run(_follow(place, topic, subject, limit, show))
        return
    records, _ = look(place, lambda reading: read_tail(reading.archive, topic, subject, limit))
    for record in records:
        show(record)


@dead_letters_app.command("list")
def dead_letters(
    context: typer.Context,
    data: FolderOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """List the newest dead letters."""
    terminal = terminal_of(context)
    letters, zone = look(
        place_of(context, mode, data), lambda reading: list_dead_letters(reading.archive, limit)
    )
    if as_json:
        for letter in letters:
            terminal.json(letter)
    else:
        terminal.show(render_dead_letters(letters, terminal.catalogue, zone))


@dead_letters_app.command("show")
def dead_letter(
    context: typer.Context,
    letter_id: Annotated[str, typer.Argument(help="Its id, or how the id begins.")],
    data: FolderOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = Mode.EMBEDDED,
) -> None:
    """Show one dead letter: its bytes, why it is one, and how to mend it."""
    terminal = terminal_of(context)
    view, zone = look(
        place_of(context, mode, data), lambda reading: show_dead_letter(reading.archive, letter_id)
    )
    if not isinstance(view, DeadLetterView):
        _nothing(terminal, view, zone, as_json=as_json)
    elif as_json:
        terminal.json(view)
    else:
        terminal.show(render_dead_letter(view, terminal.catalogue, zone))


def look(place: Place, query: Callable[[Reading], Awaitable[T]]) -> tuple[T, ZoneInfo]:
    """Return what a query finds in a snapshot of a log, and the log's business time zone."""

    async def run() -> tuple[T, ZoneInfo]:
        async with open_reading(place) as reading:
            return await query(reading), ZoneInfo(reading.head.identity.business_timezone)

    return asyncio.run(run())


async def _subject(
    reading: Reading, topic: str, customer: str | None
) -> CustomerId | UnknownCustomer | AmbiguousCustomer | None:
    if customer is None:
        check_topic(topic, None)
        return None
    found = await resolve_customer(reading.archive, reading.head, customer)
    if not isinstance(found, ResolvedCustomer):
        return found
    check_topic(topic, found.customer_id)
    return found.customer_id


async def _follow(
    place: Place,
    topic: str,
    customer_id: CustomerId | None,
    limit: int,
    show: Callable[[TailRecord], None],
) -> None:
    @asynccontextmanager
    async def archive() -> AsyncIterator[FactArchive]:
        async with open_reading(place) as reading:
            yield reading.archive

    async def wait() -> None:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    async for record in follow(archive, wait, topic, customer_id, limit):
        show(record)


def _nothing(terminal: Terminal, found: NothingToShow, zone: ZoneInfo, *, as_json: bool) -> None:
    """Say that there is nothing to show, and fail."""
    if as_json:
        terminal.json(found)
    else:
        typer.echo(explain(found, terminal.catalogue, zone), err=True)
    raise typer.Exit(NOTHING_FOUND)
