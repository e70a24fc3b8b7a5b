"""The flagged customers on the screen, those with whom most is likely to be lost first."""

from rich.console import Group, RenderableType
from rich.text import Text

from events.figures import ChurnFigures
from events.profiles import StandingSignal
from infra.messages.catalogue import Catalogue
from services.ops.flagged import FlaggedCustomer, FlaggedList
from services.ops.rendering.card import account_words
from services.ops.rendering.freshness import freshness_sentence
from services.ops.rendering.grids import add_row, stacked, table
from services.ops.rendering.safe import plain
from services.ops.rendering.score_wording import likelihood
from services.ops.rendering.wording import customer_name, reason_sentence


def render_flagged(listed: FlaggedList, catalogue: Catalogue) -> RenderableType:
    """Return the list with its sums and how fresh it is."""
    fresh = plain(freshness_sentence(listed.freshness, catalogue), "dim")
    if not listed.flagged:
        return Group(plain(catalogue.say("Nobody is flagged."), "green"), fresh)
    parts: list[RenderableType] = [plain(_summary(listed, catalogue), "bold"), fresh]
    if listed.quarantined:
        said = catalogue.say_plural(
            "{number} customer is in quarantine; see `holdfast status`",
            "{number} customers are in quarantine; see `holdfast status`",
            listed.quarantined,
        )
        parts.append(plain(said, "red"))
    return Group(*parts, Text(), _table(listed, catalogue))


def _summary(listed: FlaggedList, catalogue: Catalogue) -> str:
    flagged = catalogue.say_plural(
        "{number} customer is flagged, {stake} at stake",
        "{number} customers are flagged, {stake} at stake",
        listed.flagged,
        stake=listed.stake,
    )
    shown = len(listed.customers)
    if shown == listed.flagged:
        return flagged
    first = catalogue.say("showing {shown} of them", shown=shown)
    return catalogue.joined([flagged, first])


def _table(listed: FlaggedList, catalogue: Catalogue) -> RenderableType:
    """Return the table; with a column of likelihoods where there are scores.

    The sentence of a risk is long and may be broken; that of a silence is not.
    """
    scored = any(entry.churn is not None for entry in listed.customers)
    risky = any(_is_risk(signal) for entry in listed.customers for signal in entry.signals)
    names = [catalogue.say("Customer"), catalogue.say("Why"), catalogue.say("At stake")]
    if scored:
        names.append(catalogue.say("Likelihood"))
    made = table(*names, catalogue.say("Account"), right=(2,), whole=() if risky else (1,))
    for entry in listed.customers:
        cells: list[Text | str] = [
            customer_name(entry.customer),
            stacked(*_reasons(entry, catalogue)),
            catalogue.money(entry.stake),
        ]
        if scored:
            cells.append("" if entry.churn is None else likelihood(entry.churn, catalogue))
        add_row(made, *cells, _placement(entry, catalogue))
    return made


def _is_risk(signal: StandingSignal) -> bool:
    return isinstance(signal.figures, ChurnFigures)


def _reasons(entry: FlaggedCustomer, catalogue: Catalogue) -> list[str]:
    since = catalogue.say("flagged since {day}", day=entry.since)
    return [*(reason_sentence(signal, catalogue) for signal in entry.signals), since]


def _placement(entry: FlaggedCustomer, catalogue: Catalogue) -> Text:
    account = account_words(entry.placement, entry.customer_id, catalogue)
    return (
        stacked(account)
        if entry.placement.owner is None
        else stacked(account, entry.placement.owner)
    )
