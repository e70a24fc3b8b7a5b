"""The inbox: what wants to be done, by whom, by when, and what each is worth."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.retention.task import TaskState
from events.signals import SignalReason
from infra.inbox.port import Bucket, Cursor, InboxCount, InboxQuery
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.preferences import local_path
from services.console.pulse import Level
from services.console.reader import COOKIE_DAYS, Reader
from services.console.tasks.acting import COOKIE, Acting, acting_as, acting_in
from services.console.tasks.parts import TaskParts
from services.console.tasks.rows import RowMaker
from services.console.tasks.task_words import TaskWords
from services.console.words import Words
from services.ops.nearest import Nearest, nearest

LONGEST_SEARCH = 100
ROWS = 50
_CURSOR = re.compile(r"(-?[0-9]{1,18})~(-?[0-9]{1,18})~([0-9a-f-]{0,40})", re.ASCII)


class View(StrEnum):
    """Which part of the work is looked at."""

    MINE = "mine"
    QUEUE = "queue"
    ALL = "all"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Wish(NamedTuple):
    """What an address of the inbox asks for."""

    view: View
    reason: SignalReason | None
    search: str
    after: Cursor | None

    def query(self, acting: Acting | None) -> InboxQuery:
        """Return the rows that are meant; without anybody acting, "mine" is everybody's."""
        mine = acting.code if acting is not None and self.view is View.MINE else None
        buckets = {View.SNOOZED: Bucket.SNOOZED, View.CLOSED: Bucket.CLOSED}
        return InboxQuery(
            bucket=buckets.get(self.view, Bucket.ACTIVE),
            state=TaskState.QUEUED if self.view is View.QUEUE else None,
            manager=mine,
            reason=self.reason,
            search=self.search,
            after=self.after,
            limit=ROWS,
        )

    def address(self, **changed: str) -> str:
        """Return the address of this wish with something changed."""
        said = {"view": self.view.value, "reason": self.reason or "", "search": self.search}
        return urlencode({name: text for name, text in {**said, **changed}.items() if text})


def wish_of(request: Request) -> Wish:
    """Return what is asked for; what cannot be read is left out."""
    said = request.query_params
    view = next((one for one in View if one.value == said.get("view")), View.MINE)
    reason = next((one for one in SignalReason if one.value == said.get("reason")), None)
    search = said.get("search", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    return Wish(view, reason, search, _cursor(said.get("after", "")))


def _cursor(text: str) -> Cursor | None:
    found = _CURSOR.fullmatch(text)
    return None if found is None else Cursor(int(found[1]), int(found[2]), found[3])


class Empty(NamedTuple):
    """What there is to say of an empty inbox: who wakes next, and who comes near."""

    wakes: str | None
    nearest: Nearest | None


class InboxRouter(NamedTuple):
    """Makes the routes of the inbox."""

    looking: Looking
    pages: Pages
    parts: TaskParts

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/inbox", self.inbox, methods=["GET"])
        router.add_api_route("/acting", self.act, methods=["POST"])
        return router

    async def inbox(self, request: Request) -> Response:
        """Show a page of rows."""
        wish, managers = wish_of(request), await self.parts.reader.managers()
        acting = acting_in(request, managers)
        page = await self.parts.inbox.page(wish.query(acting))
        counts = await self.parts.inbox.counts()
        empty = not page.rows and wish.after is None
        if empty:
            seen = await self.looking.ask(nearest)
            near = seen.found
        else:
            seen, near = await self.looking.glance(), None
        words = Words(Reader.of(request).language, seen.zone)
        named = TaskWords(words)
        now = await self.parts.commands.now()
        maker = RowMaker(words, named, acting, now.at)
        context = {
            "wish": wish,
            "rows": [maker.row(row) for row in page.rows],
            "next": page.next,
            "tick": page.tick,
            "acting": acting,
            "managers": managers,
            "counts": view_counts(counts, acting),
            "views": list(View),
            "reasons": list(SignalReason),
            "empty": Empty(await self.parts.inbox.next_wake(), near) if empty else None,
            "failed": self.parts.health.failed,
            "trusted": seen.pulse.level is not Level.STALE and self.parts.health.failed is None,
        }
        return self.pages.page(request, "inbox.html", seen, context)

    async def act(self, request: Request) -> Response:
        """Remember as whom this browser works."""
        form = await request.form()
        acting = acting_as(str(form.get("manager", "")), await self.parts.reader.managers())
        answer = RedirectResponse(local_path(str(form.get("back", "/inbox"))), 303)
        if acting is None:
            answer.delete_cookie(COOKIE)
        else:
            seconds = COOKIE_DAYS * 86_400
            answer.set_cookie(COOKIE, acting.code, seconds, httponly=True, samesite="lax")
        return answer


def view_counts(counts: Sequence[InboxCount], acting: Acting | None) -> dict[View, int]:
    """Return how many tasks each view holds."""
    code = None if acting is None else acting.code
    active = (TaskState.QUEUED, TaskState.OFFERED, TaskState.WORKING)
    total = {state: sum(one.number for one in counts if one.state is state) for state in TaskState}
    of_all = sum(total[state] for state in active)
    mine = [one.number for one in counts if one.manager == code and one.state in active]
    return {
        View.MINE: of_all if acting is None else sum(mine),
        View.QUEUE: total[TaskState.QUEUED],
        View.ALL: of_all,
        View.SNOOZED: total[TaskState.SNOOZED],
        View.CLOSED: total[TaskState.CLOSED],
    }
