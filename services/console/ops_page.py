"""Where log and projection stand, for operators: what is wrong first."""

import datetime
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from events.calendar import date_of
from services.console.looking import Looking
from services.console.pages import Pages
from services.ops.dead_letters import DeadLetterLine, list_dead_letters
from services.ops.reading import Reading
from services.ops.status import Status, status

LETTERS_SHOWN = 20


class PartitionRow(NamedTuple):
    """One partition of the facts: its end, how far it is folded, and the day that is open there."""

    partition: int
    end: int
    offset: int
    behind: int
    open_day: datetime.date | None
    emission: str


class OpsSheet(NamedTuple):
    """Everything that operators look at."""

    status: Status
    partitions: tuple[PartitionRow, ...]
    letters: tuple[DeadLetterLine, ...]


def ops_router(looking: Looking, pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    async def look(reading: Reading) -> OpsSheet:
        found = await status(reading, looking.place, looking.wall.now())
        letters = await list_dead_letters(reading.archive, LETTERS_SHOWN)
        return OpsSheet(found, _partitions(reading), letters)

    @router.get("/ops")
    async def ops(request: Request) -> Response:
        seen = await looking.ask(look)
        return pages.page(request, "ops.html", seen, {"sheet": seen.found})

    return router


def _partitions(reading: Reading) -> tuple[PartitionRow, ...]:
    return tuple(
        PartitionRow(
            partition=number,
            end=reading.ends[number],
            offset=position.offset,
            behind=max(0, reading.ends[number] - position.offset),
            open_day=None if position.open_day is None else date_of(position.open_day),
            emission=position.emission.value,
        )
        for number, position in enumerate(reading.positions)
    )
