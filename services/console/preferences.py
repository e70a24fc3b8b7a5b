"""How somebody wants pages: language, light, keys. Works without a script."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from services.console.reader import Reader


def preferences_router() -> APIRouter:
    """Return the route that takes a wish and goes back to the page that it was made on."""
    router = APIRouter(include_in_schema=False)

    @router.post("/preferences")
    async def change(
        request: Request,
        back: Annotated[str, Form()] = "/",
        language: Annotated[str | None, Form()] = None,
        theme: Annotated[str | None, Form()] = None,
        keys: Annotated[str | None, Form()] = None,
    ) -> Response:
        answer = RedirectResponse(local_path(back), HTTPStatus.SEE_OTHER)
        Reader.of(request).changed(language, theme, keys).keep_in(answer)
        return answer

    return router


def local_path(wished: str) -> str:
    r"""Return a path of ours, the first page for anything that leads elsewhere.

    >>> local_path("/ops?x=1"), local_path("//evil.example"), local_path("/\\evil.example")
    ('/ops?x=1', '/', '/')
    """
    elsewhere = not wished.startswith("/") or wished[1:2] in {"/", "\\"} or not wished.isprintable()
    return "/" if elsewhere else wished
