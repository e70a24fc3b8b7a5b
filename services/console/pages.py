"""Pages: templates filled for a reader, and what every one of them has in common."""

import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from events.calendar import date_of
from services.console.looking import Seen
from services.console.pulse import Pulse
from services.console.reader import Reader
from services.console.words import Words
from services.ops.rendering.safe import escaped

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"

_HASH_DIGITS = 12
_SPACES = re.compile(r"\s*\n\s*")


class Place(NamedTuple):
    """A page in the navigation: where it is and which key goes there after ``g``."""

    path: str
    key: str


PLACES = {
    "inbox": Place("/inbox", "i"),
    "customers": Place("/customers", "c"),
    "ops": Place("/ops", "o"),
    "quality": Place("/quality", "q"),
}


def environment() -> Environment:
    """Return the templates' environment: everything is escaped, and nothing may be missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals.update(asset=asset, places=PLACES, date_of=date_of)
    return made


class Pages:
    """Renders pages and parts of them."""

    def __init__(self, *, has_tasks: bool = False) -> None:
        self._environment = environment()
        self._environment.globals.update(has_tasks=has_tasks)

    def page(
        self, request: Request, name: str, seen: Seen[object], context: Mapping[str, object]
    ) -> HTMLResponse:
        """Return a whole page, as fresh as what was seen for it."""
        shown = {"pulse": seen.pulse, "zone": seen.zone, **context}
        return HTMLResponse(self._rendered(request, name, shown))

    def part(
        self, request: Request, name: str, zone: ZoneInfo, context: Mapping[str, object]
    ) -> HTMLResponse:
        """Return a part that goes into a page which is open already."""
        return HTMLResponse(self._rendered(request, name, {"zone": zone, **context}))

    def piece(self, reader: Reader, name: str, context: Mapping[str, object]) -> str:
        """Return a part on one line, as server-sent events want it; ``w`` is among what is given."""
        said = self._template(name).render(reader=reader, **context)
        return _SPACES.sub(" ", said).strip()

    def without_log(
        self, request: Request, name: str, status: HTTPStatus, context: Mapping[str, object]
    ) -> HTMLResponse:
        """Return a page about something that could not be shown."""
        shown = {"pulse": None, "zone": ZoneInfo("UTC"), **context}
        return HTMLResponse(self._rendered(request, name, shown), status)

    def pulse(self, reader: Reader, pulse: Pulse | None) -> str:
        """Return how fresh everything is, on one line: it goes into a page that is open already."""
        words = Words(reader.language, ZoneInfo("UTC"))
        said = self._template("_pulse.html").render(w=words, pulse=pulse)
        return _SPACES.sub(" ", said).strip()

    def _rendered(self, request: Request, name: str, context: Mapping[str, object]) -> str:
        reader = Reader.of(request)
        zone = context["zone"]
        assert isinstance(zone, ZoneInfo)  # noqa: S101 - both callers put one there
        words = Words(reader.language, zone)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return self._template(name).render(w=words, reader=reader, here=here, **context)

    def _template(self, name: str) -> Template:
        return self._environment.get_template(name)


def asset(name: str) -> str:
    """Return the address of a static file; it changes with its bytes, so that browsers may keep it."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:_HASH_DIGITS]}"


def _shown(value: object) -> object:
    """Write out what could act on a screen without being seen, such as marks that turn text around."""
    return escaped(value) if isinstance(value, str) and not isinstance(value, Markup) else value
