"""One task: what it is worth and why, what happened to it, and everything that can be done with it."""

import datetime
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from domain.retention.commands import Moment
from domain.retention.decide import MOST_DAYS_ASLEEP
from domain.retention.manager import Manager
from domain.retention.task import RetentionTask
from events.interactions import Channel
from events.task_values import DeclineReason, Outcome, TaskId, WakeOn
from infra.clock import fresh_id
from infra.desk.port import Done
from infra.inbox.port import InboxRow
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.reader import Reader
from services.console.tasks.acting import Acting, acting_in
from services.console.tasks.desk_calls import Asked, carry_out, row_of
from services.console.tasks.forms import Fields, Unreadable
from services.console.tasks.history import told
from services.console.tasks.parts import TaskParts
from services.console.tasks.rows import RowMaker
from services.console.tasks.task_words import TaskWords
from services.console.tasks.verbs import AT_ONCE, COMMANDS, Verb, offered_verbs
from services.console.words import Words

PEOPLES_OUTCOMES = tuple(
    outcome
    for outcome in Outcome
    if outcome
    not in {
        Outcome.RECOVERED_UNTOUCHED,
        Outcome.LOST_OBSERVED,
        Outcome.MODEL_CHANGED,
        Outcome.MOVED,
    }
)


class Sheet(NamedTuple):
    """A task as somebody sees it now."""

    row: InboxRow
    acting: Acting | None
    managers: Sequence[Manager]
    maker: RowMaker
    now: Moment

    @property
    def task(self) -> RetentionTask:
        """The task itself."""
        return self.row.task


class TaskRouter(NamedTuple):
    """Makes the routes of a task."""

    looking: Looking
    pages: Pages
    parts: TaskParts

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/tasks/{task_id}", self.page, methods=["GET"])
        router.add_api_route("/tasks/{task_id}/ask/{verb}", self.ask, methods=["GET"])
        router.add_api_route("/tasks/{task_id}/{verb}", self.command, methods=["POST"])
        return router

    async def page(self, request: Request, task_id: TaskId) -> Response:
        """Show a task."""
        seen = await self.looking.glance()
        words = Words(Reader.of(request).language, seen.zone)
        sheet = await self._sheet(request, task_id, words)
        history = [
            told(record, words, sheet.maker.named)
            for record in await self.parts.reader.history(sheet.task.task_id)
        ]
        context = {**self._asking(sheet), "history": history[::-1], "refused": None}
        return self.pages.page(request, "task.html", seen, context)

    async def ask(self, request: Request, task_id: TaskId, verb: Verb) -> Response:
        """Show what a command needs, for a dialog."""
        zone = (await self.looking.glance()).zone
        sheet = await self._sheet(request, task_id, Words(Reader.of(request).language, zone))
        return self.pages.part(request, "_ask.html", zone, {**self._asking(sheet), "verb": verb})

    async def command(self, request: Request, task_id: TaskId, verb: Verb) -> Response:
        """Do what a form asks for; answer with the row where a script asked, else with its page."""
        zone = (await self.looking.glance()).zone
        words = Words(Reader.of(request).language, zone)
        sheet = await self._sheet(request, task_id, words)
        form = await request.form()
        said = {name: [str(each) for each in form.getlist(name)] for name in form}
        if sheet.acting is None:
            raise HTTPException(HTTPStatus.FORBIDDEN)
        version = (said.get("version") or [""])[0]
        asked = Asked(
            task_id,
            verb,
            int(version) if version.isascii() and version.isdigit() else None,
            (said.get("key") or [""])[0][:100],
        )
        answer = await carry_out(
            self.parts, asked, sheet.acting.actor(COMMANDS[verb]), Fields(said)
        )
        refused = None
        if not isinstance(answer, Done):
            named = sheet.maker.named
            refused = (
                named.unreadable(answer.field)
                if isinstance(answer, Unreadable)
                else named.refusal(answer)
            )
        return await self._answered(request, sheet, refused, zone=zone)

    async def _answered(
        self, request: Request, sheet: Sheet, refused: str | None, *, zone: ZoneInfo
    ) -> Response:
        row = await row_of(self.parts, sheet.task.task_id)
        now = sheet._replace(row=row or sheet.row)
        if "hx-request" not in request.headers:
            if refused is None:
                return RedirectResponse(f"/tasks/{sheet.task.task_id}", HTTPStatus.SEE_OTHER)
            return await self._refused_page(request, now, refused)
        done = None if refused else now.maker.words.say("Done: {label}", label=now.row.label)
        context = {"row": now.maker.row(now.row), "refused": refused, "done": done}
        return self.pages.part(request, "_row_answer.html", zone, context)

    async def _refused_page(self, request: Request, sheet: Sheet, refused: str) -> Response:
        seen = await self.looking.glance()
        history = await self.parts.reader.history(sheet.task.task_id)
        lines = [told(one, sheet.maker.words, sheet.maker.named) for one in history][::-1]
        context = {**self._asking(sheet), "history": lines, "refused": refused}
        answer = self.pages.page(request, "task.html", seen, context)
        answer.status_code = HTTPStatus.CONFLICT
        return answer

    async def _sheet(self, request: Request, task_id: TaskId, words: Words) -> Sheet:
        row = await row_of(self.parts, task_id)
        if row is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        managers = await self.parts.reader.managers()
        acting = acting_in(request, managers)
        now = await self.parts.commands.now()
        maker = RowMaker(words, TaskWords(words), acting, now.at)
        return Sheet(row, acting, managers, maker, now)

    def _asking(self, sheet: Sheet) -> dict[str, object]:
        """Return what forms of a task are filled with."""
        day = sheet.now.day
        return {
            "row": sheet.maker.row(sheet.row),
            "task": sheet.task,
            "maker": sheet.maker,
            "named": sheet.maker.named,
            "acting": sheet.acting,
            "verbs": offered_verbs(sheet.task, sheet.acting),
            "at_once": AT_ONCE,
            "key": fresh_id(),
            "channels": list(Channel),
            "declines": list(DeclineReason),
            "outcomes": PEOPLES_OUTCOMES,
            "wakes": list(WakeOn),
            "managers": sheet.managers,
            "tomorrow": day + datetime.timedelta(days=1),
            "next_week": day + datetime.timedelta(days=7),
            "last_day": day + datetime.timedelta(days=MOST_DAYS_ASLEEP),
        }
