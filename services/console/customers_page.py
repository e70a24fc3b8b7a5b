"""The customers who are leaving, those with whom most is likely to be lost first; and finding one."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.console.looking import Looking
from services.console.pages import Pages
from services.ops.customers import AmbiguousCustomer, ResolvedCustomer, resolve_customer
from services.ops.flagged import flagged
from services.ops.freshness import NothingFolded

SHOWN = 100
LONGEST_QUERY = 300


def customers_router(looking: Looking, pages: Pages, first: str) -> APIRouter:
    """Return the list and the search; ``first`` is where the console begins."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def first_page() -> Response:
        return RedirectResponse(first, HTTPStatus.SEE_OTHER)

    @router.get("/customers")
    async def customers(request: Request) -> Response:
        seen = await looking.ask(lambda reading: flagged(reading, SHOWN))
        listed = None if isinstance(seen.found, NothingFolded) else seen.found
        context = {"listed": listed, "nothing": seen.found if listed is None else None}
        return pages.page(request, "customers.html", seen, context)

    @router.get("/find")
    async def find(request: Request, q: str = "") -> Response:
        text = q.strip()[:LONGEST_QUERY]
        if not text:
            return RedirectResponse("/customers", HTTPStatus.SEE_OTHER)
        seen = await looking.ask(
            lambda reading: resolve_customer(reading.archive, reading.head, text)
        )
        if isinstance(seen.found, ResolvedCustomer):
            where = f"/customers/{quote(seen.found.customer_id)}"
            return RedirectResponse(where, HTTPStatus.SEE_OTHER)
        several = seen.found if isinstance(seen.found, AmbiguousCustomer) else None
        context = {"text": text, "candidates": several.candidates if several else ()}
        return pages.page(request, "found.html", seen, context)

    return router
