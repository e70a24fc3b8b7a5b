"""What an open page is told of tasks: rows that changed, in place, and how many are new to its list."""

from typing import NamedTuple

from starlette.requests import Request

from infra.inbox.port import Seen
from infra.mendable import MendableError
from services.console.live import Follows, event
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.reader import Reader
from services.console.tasks.acting import Acting, acting_in
from services.console.tasks.inbox_page import Wish, wish_of
from services.console.tasks.parts import TaskParts
from services.console.tasks.rows import RowMaker
from services.console.tasks.task_words import TaskWords
from services.console.words import Words

ROWS_TOLD = 100
"""Of more changes at once a page is told the first; the others with the next look."""


class OpenPage(NamedTuple):
    """Who reads which list."""

    reader: Reader
    acting: Acting | None
    wish: Wish
    since: int


class FollowsTasks:
    """Tells one page. It was made at tick ``since``, and has been told of everything up to ``told_to``."""

    def __init__(self, parts: TaskParts, pages: Pages, page: OpenPage, words: Words) -> None:
        self._parts = parts
        self._pages = pages
        self._page = page
        self._words = words
        self._named = TaskWords(words)
        self._told_to = Seen(page.since)

    async def told(self, tick: int) -> list[str]:
        """Return the events of everything that changed since the last call."""
        if Seen(tick) <= self._told_to:
            return []
        try:
            return await self._changes(tick)
        except MendableError:
            return []

    async def _changes(self, tick: int) -> list[str]:
        rows = await self._parts.inbox.changed(self._told_to, ROWS_TOLD)
        now = (await self._parts.commands.now()).at
        maker = RowMaker(self._words, self._named, self._page.acting, now)
        said = []
        for row in rows:
            piece = self._piece("_row.html", row=maker.row(row))
            said.append(event(f"task-{row.task.task_id}", piece, row.changed))
        full = len(rows) == ROWS_TOLD
        self._told_to = Seen(rows[-1].changed, rows[-1].task.task_id) if full else Seen(tick)
        query = self._page.wish._replace(after=None).query(self._page.acting)
        number = await self._parts.inbox.news(query, self._page.since)
        news = self._piece("_news.html", number=number, wish=self._page.wish)
        return [*said, event("news", news, tick)]

    def _piece(self, name: str, **context: object) -> str:
        return self._pages.piece(self._page.reader, name, {"w": self._words, **context})


class TaskFollowing(NamedTuple):
    """Opens it for a request."""

    looking: Looking
    pages: Pages
    parts: TaskParts

    async def open(self, request: Request) -> Follows:
        """Return what follows tasks for whoever asks."""
        reader = Reader.of(request)
        acting = acting_in(request, await self.parts.reader.managers())
        said = request.query_params.get("at", "")
        newest = await self.parts.inbox.tick()
        since = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else newest
        zone = (await self.looking.glance()).zone
        page = OpenPage(reader, acting, wish_of(request), since)
        return FollowsTasks(self.parts, self.pages, page, Words(reader.language, zone))
