"""Builds the console: an application of its own, to be served on this machine alone."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from services.console.card_page import card_router
from services.console.customers_page import customers_router
from services.console.failures import answer_failures
from services.console.guard import Guard
from services.console.live import Live, live_router
from services.console.looking import Looking
from services.console.ops_page import ops_router
from services.console.pages import STATIC, Pages
from services.console.preferences import preferences_router
from services.console.quality_page import quality_page_router
from services.console.tasks.api import TaskApi
from services.console.tasks.inbox_page import InboxRouter
from services.console.tasks.live_tasks import TaskFollowing
from services.console.tasks.parts import TaskParts
from services.console.tasks.task_page import TaskRouter
from services.console.tasks.why_api import WhyApi

HOST = "127.0.0.1"
"""The only address that the console listens on: there is no sign-in yet."""


def console_app(
    looking: Looking, closing: Callable[[], bool], tasks: TaskParts | None = None
) -> FastAPI:
    """Return the console of a log; ``closing`` tells whether the server is being stopped.

    Without a desk it has no pages of tasks.
    """
    app = FastAPI(
        title="Holdfast console",
        summary="Retention tasks: lists, history, commands",
        docs_url=None,
        redoc_url=None,
        openapi_url=None if tasks is None else "/v1/openapi.json",
    )
    pages = Pages(has_tasks=tasks is not None)
    app.add_middleware(Guard)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(
        customers_router(looking, pages, "/customers" if tasks is None else "/inbox")
    )
    app.include_router(card_router(looking, pages, tasks))
    app.include_router(ops_router(looking, pages))
    app.include_router(quality_page_router(looking, pages))
    if tasks is None:
        app.include_router(live_router(Live(looking, closing), pages))
    else:
        app.include_router(InboxRouter(looking, pages, tasks).router())
        app.include_router(TaskApi(tasks).router())
        app.include_router(WhyApi(looking, tasks).router())
        app.include_router(TaskRouter(looking, pages, tasks).router())
        app.include_router(
            live_router(
                Live(looking, closing, tasks.inbox.tick),
                pages,
                TaskFollowing(looking, pages, tasks).open,
            )
        )
    app.include_router(preferences_router())
    answer_failures(app, pages)
    return app
