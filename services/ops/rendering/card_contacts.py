"""The figures of a card: complaints and contacts."""

from rich.table import Table
from rich.text import Text

from events.profiles import ComplaintFigures, ContactFigures
from infra.messages.catalogue import Catalogue
from services.ops.rendering.fact_wording import channel_words
from services.ops.rendering.grids import label_rows
from services.ops.rendering.safe import plain


def has_complaints(figures: ComplaintFigures) -> bool:
    """Tell whether there is anything to show of complaints."""
    return figures.opened + figures.resolved + figures.reopened > 0


def complaints_rows(figures: ComplaintFigures, catalogue: Catalogue) -> Table:
    """Return how a customer complains."""
    counts = catalogue.say(
        "{opened} opened, {resolved} resolved, {reopened} reopened",
        opened=figures.opened,
        resolved=figures.resolved,
        reopened=figures.reopened,
    )
    rows: list[tuple[str, Text | str]] = [
        (catalogue.say("Open"), plain(_open(figures, catalogue), "bold" if figures.open else "")),
        (catalogue.say("In all"), counts),
    ]
    if figures.unsatisfied:
        said = catalogue.say(
            "with {unsatisfied} of {resolved} resolutions",
            unsatisfied=figures.unsatisfied,
            resolved=figures.resolved,
        )
        rows.append((catalogue.say("Unsatisfied"), said))
    if figures.last_day is not None:
        lately = catalogue.say(
            "{number}, weighed by severity {weighed}; half-life 91 days, last on {day}",
            number=catalogue.number(figures.complaints_91, 1),
            weighed=catalogue.number(figures.severity_91, 1),
            day=figures.last_day,
        )
        rows.append((catalogue.say("Complaints lately"), lately))
    return label_rows(rows)


def contacts_rows(figures: ContactFigures, catalogue: Catalogue) -> Table:
    """Return how often customer and firm meet; there was one contact at least."""
    lately = catalogue.say(
        "{inbound} from the customer, {outbound} to the customer; half-life 91 days",
        inbound=catalogue.number(figures.inbound_91, 1),
        outbound=catalogue.number(figures.outbound_91, 1),
    )
    rows: list[tuple[str, Text | str]] = [(catalogue.say("Contacts lately"), lately)]
    if figures.last_day is not None and figures.last_channel is not None:
        channel = channel_words(figures.last_channel, catalogue)
        last = catalogue.joined([catalogue.date(figures.last_day), channel])
        rows.append((catalogue.say("Last contact"), last))
    return label_rows(rows)


def _open(figures: ComplaintFigures, catalogue: Catalogue) -> str:
    if figures.open == 0:
        return catalogue.say("none")
    if figures.open_since is None:
        return catalogue.number(figures.open)
    return catalogue.say(
        "{number}, the oldest since {day}", number=figures.open, day=figures.open_since
    )
