"""The card of one customer: now, or as of a day gone by, when nothing can be commanded."""

import datetime
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from events.calendar import date_of
from events.values import CustomerId
from services.console.card_sheet import card_sheet
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.reader import Reader
from services.console.tasks.acting import acting_in
from services.console.tasks.parts import TaskParts
from services.console.tasks.rows import RowMaker, RowView
from services.console.tasks.task_words import TaskWords
from services.console.words import Words
from services.ops.cards import CardView, NoCard, NotFoldedYet, card_at, card_now
from services.ops.customer_past import CustomerPast, past_of
from services.ops.customers import ResolvedCustomer, resolve_customer
from services.ops.moments import UnreadableTimeError, read_moment
from services.ops.reading import Reading

TABS = ("basic", "transactions", "contacts", "complaints", "tasks")

Found = tuple[CardView, CustomerPast, datetime.date] | NoCard | NotFoldedYet | None


def card_router(looking: Looking, pages: Pages, parts: TaskParts | None) -> APIRouter:
    """Return the route of the card."""
    router = APIRouter(include_in_schema=False)

    @router.get("/customers/{customer}")
    async def card(
        request: Request, customer: str, at: str = "", tab: str = TABS[0], timeline: str = ""
    ) -> Response:
        try:
            seen = await looking.ask(lambda reading: _find(reading, customer, at.strip()))
        except UnreadableTimeError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        if seen.found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if isinstance(seen.found, NoCard | NotFoldedYet):
            return pages.page(request, "no_card.html", seen, {"nothing": seen.found, "at": at})
        words = Words(Reader.of(request).language, seen.zone)
        view, past, today = seen.found
        tasks = () if parts is None else await _tasks(request, parts, view, words)
        tabs = TABS[:-1] if parts is None else TABS
        context = {
            "sheet": card_sheet(view, past, words, whole_timeline=timeline == "all"),
            "at": at.strip(),
            "today": today,
            "tab": tab if tab in tabs else TABS[0],
            "tabs": tabs,
            "tasks": tasks,
        }
        return pages.page(request, "card.html", seen, context)

    return router


async def _tasks(
    request: Request, parts: TaskParts, view: CardView, words: Words
) -> Sequence[RowView]:
    """Return the tasks that the customer ever stood behind; of a card of the past those raised by then."""
    acting = acting_in(request, await parts.reader.managers())
    now = await parts.commands.now()
    maker = RowMaker(words, TaskWords(words), acting, now.at)
    rows = await parts.inbox.of_customer(view.card.customer_id)
    return [maker.row(row) for row in rows if view.at is None or row.task.raised_at <= view.at]


async def _find(reading: Reading, text: str, at: str) -> Found:
    found = await resolve_customer(reading.archive, reading.head, text)
    if not isinstance(found, ResolvedCustomer):
        return None
    return await _look(reading, found.customer_id, at)


async def _look(reading: Reading, customer_id: CustomerId, at: str) -> Found:
    instant = read_moment(at, reading.calendar) if at else None
    view = await (
        card_now(reading, customer_id)
        if instant is None
        else card_at(reading, customer_id, instant)
    )
    if not isinstance(view, CardView):
        return view
    past = await past_of(reading, customer_id, instant)
    if past is None:
        return NoCard(customer_id, view.at)
    return view, past, date_of(reading.head.open_day or past.today)
