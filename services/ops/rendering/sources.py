"""Scheduled sources on the screen: what they send, how late they may be, whether they come."""

from rich.console import RenderableType

from events.marks import FeedVerdict
from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import add_row, table
from services.ops.rendering.safe import plain
from services.ops.sources import ScheduledFeed


def render_sources(feeds: tuple[ScheduledFeed, ...], catalogue: Catalogue) -> RenderableType:
    """Return one line a service, or that no source has a schedule."""
    if not feeds:
        return plain(catalogue.say("No source has a schedule."))
    made = table(
        catalogue.say("Source"),
        catalogue.say("Service"),
        catalogue.say("Days late at most"),
        catalogue.say("Last day closed"),
        "",
        right=(2,),
    )
    for feed in feeds:
        closed = catalogue.say("none yet") if feed.closed is None else catalogue.date(feed.closed)
        verdict = verdict_words(feed.verdict, catalogue)
        delay = catalogue.number(feed.delay_days)
        style = "red" if feed.verdict is FeedVerdict.LATE else ""
        add_row(made, feed.source, feed.service, delay, closed, plain(verdict, style))
    return made


def verdict_words(verdict: FeedVerdict | None, catalogue: Catalogue) -> str:
    """Return whether a day's feed had come when the day was closed."""
    words = {
        FeedVerdict.ARRIVED: catalogue.say("arrived"),
        FeedVerdict.LATE: catalogue.say("late, so the day is missing"),
    }
    return "" if verdict is None else words.get(verdict, "")
