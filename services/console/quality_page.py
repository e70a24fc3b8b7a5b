"""How good the scores were, as charts, with rules of thumb beside them."""

from enum import StrEnum

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.learning.quality.report import ENOUGH_LABELS, QualityReport
from domain.learning.quality.sections import Section
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.quality_sheet import quality_sheet
from services.console.reader import Reader
from services.console.words import Words
from services.ops.quality_desk import QualityDesk


class Span(StrEnum):
    """Which weeks figures are of."""

    SECOND_HALF = "second-half"
    ALL = "all"
    EARLY = "days-28-126"


class Who(StrEnum):
    """Whose scores: those who had bought within the horizon, or all who ever bought."""

    ACTIVE = "active"
    ALL = "all"


def quality_page_router(looking: Looking, pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router, desk = APIRouter(include_in_schema=False), QualityDesk(looking.place)

    @router.get("/quality")
    async def quality(request: Request, span: str = "", who: str = "") -> Response:
        report = await desk.report()
        seen = await looking.glance()
        if not isinstance(report, QualityReport) or not report.labels.released:
            return pages.page(request, "quality_none.html", seen, {"report": report})
        chosen = next((one for one in Span if one.value == span), Span.SECOND_HALF)
        whose = next((one for one in Who if one.value == who), Who.ACTIVE)
        words = Words(Reader.of(request).language, seen.zone)
        section = section_of(report, chosen)
        figures = section.active if whose is Who.ACTIVE else section.all
        context = {
            "report": report,
            "span": chosen.value,
            "spans": [one.value for one in Span],
            "who": whose.value,
            "whos": [one.value for one in Who],
            "enough": ENOUGH_LABELS,
            "figures": figures,
            "sheet": quality_sheet(report, figures, words, active=whose is Who.ACTIVE),
        }
        return pages.page(request, "quality.html", seen, context)

    return router


def section_of(report: QualityReport, span: Span) -> Section:
    """Return the figures of the weeks that were chosen."""
    sections = {
        Span.SECOND_HALF: report.second_half,
        Span.ALL: report.all_ticks,
        Span.EARLY: report.days_28_126,
    }
    return sections[span]
