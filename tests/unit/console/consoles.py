"""Data folders that a console shows, and a client of it that is no browser."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx

from domain.customer.golden_model import TAUGHT
from events.calendar import date_of
from events.control import ModelDecided, SourceScheduled
from infra.folder import DataFolder
from infra.log.sqlite import SqliteLog
from services.console.app import console_app
from services.console.looking import Looking
from tests.support.metered import ordinary
from tests.unit.ops.folders import (
    LONDON,
    PROJECTION,
    StandingClock,
    assigned,
    id_of,
    moment,
    order,
    registered,
    regular,
    returned,
    usage,
    written,
)

T = TypeVar("T")

HERE = "http://127.0.0.1:8751"
SCRIPT = "<script>alert('x')</script>\u202egnp.exe"
CARD = f"/customers/{id_of('A')}"
UNTIL = 90


async def _declare(log: SqliteLog) -> None:
    await log.schedule(SourceScheduled("shop", ("mobile-data",), 0))


async def _teach(log: SqliteLog) -> None:
    day = LONDON.day_of(moment(30))
    await log.decide_model(ModelDecided(PROJECTION, date_of(day), TAUGHT.model))


def peopled(path: Path) -> DataFolder:
    """A is quiet, uses nothing on the last day and has an odd name; B goes on as ever.

    A model scores from day 30 on.
    """
    written(path, [], work=_declare, fold=False)
    facts = [registered("A", 0, SCRIPT), assigned("A", 1, "ACME", "m.li"), returned("A", 47, 5_000)]
    facts += [usage("A", day, ordinary(day)) for day in range(UNTIL)]
    facts += [usage("B", day, ordinary(day)) for day in range(UNTIL + 1)]
    facts += [*(order("A", day) for day in range(0, 51, 5)), *regular("B", until=UNTIL)]
    return written(path, facts, UNTIL + 1, work=_teach)


def asking(folder: DataFolder, work: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """Do something with a client of a console on a folder."""

    async def run() -> T:
        app = console_app(Looking(folder, StandingClock()), closing=lambda: False)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            return await work(client)

    return asyncio.run(run())


def got(folder: DataFolder, path: str, **headers: str) -> httpx.Response:
    """What a page answers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asking(folder, lambda client: client.get(path, headers=named))
