"""The customer card on the screen: who, why, what stands behind it, and how fresh that is."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from events.figures import ChurnFigures, ConsumptionFigures, SilenceFigures
from events.profiles import CustomerCard, StandingSignal
from events.signals import Placement
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView, SignalEvidence
from services.ops.rendering.card_contacts import complaints_rows, contacts_rows, has_complaints
from services.ops.rendering.card_score import score_rows, score_section
from services.ops.rendering.card_tables import facts_table, purchases_rows, services_table
from services.ops.rendering.consumption import consumption_figures
from services.ops.rendering.evidence import evidence_words
from services.ops.rendering.freshness import as_of_sentence
from services.ops.rendering.grids import heading, indented, label_rows
from services.ops.rendering.safe import escaped, plain
from services.ops.rendering.wording import (
    customer_name,
    kind_words,
    reason_name,
    reason_sentence,
)

_EVIDENCE_SHOWN = 5


def render_card(view: CardView, catalogue: Catalogue, zone: ZoneInfo) -> RenderableType:
    """Return a card; times as the clocks of ``zone`` showed them."""
    parts: list[RenderableType] = [_header(view, catalogue, zone)]
    if view.quarantined is not None:
        said = catalogue.say(
            "In quarantine, facts since are not folded: {error}", error=view.quarantined
        )
        parts += [plain(said, "bold red")]
    parts += _why(view, catalogue)
    parts += score_section(view, catalogue)
    parts += [Text(), heading(catalogue.say("Purchases"))]
    parts += [indented(purchases_rows(view.card, catalogue))]
    if view.card.services:
        parts += [Text(), heading(catalogue.say("Services"))]
        parts += [indented(services_table(view.card, catalogue))]
    parts += _complaints_and_contacts(view.card, catalogue)
    parts += [Text(), heading(catalogue.say("Latest facts"))]
    parts += [indented(facts_table(view.latest_facts, catalogue, zone))]
    return Group(*parts, Text(), plain(_provenance(view, catalogue), "dim"))


def _complaints_and_contacts(card: CustomerCard, catalogue: Catalogue) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if has_complaints(card.complaints):
        parts += [Text(), heading(catalogue.say("Complaints"))]
        parts += [indented(complaints_rows(card.complaints, catalogue))]
    if card.contacts.last_day is not None:
        parts += [Text(), heading(catalogue.say("Contacts"))]
        parts += [indented(contacts_rows(card.contacts, catalogue))]
    return parts


def _header(view: CardView, catalogue: Catalogue, zone: ZoneInfo) -> Panel:
    card, placement = view.card, view.card.placement
    stake = catalogue.say("{money} expected over the next 91 days", money=card.stake)
    not_said = catalogue.say("not said")
    rows: list[tuple[str, Text | str]] = [
        (catalogue.say("At stake"), plain(stake, "bold")),
        *score_rows(card, catalogue),
        (catalogue.say("Account"), account_words(placement, card.customer_id, catalogue)),
        (catalogue.say("Owner"), placement.owner or catalogue.say("nobody yet")),
        (catalogue.say("Kind"), kind_words(card.kind, catalogue)),
        (catalogue.say("Tier"), placement.tier or not_said),
        (catalogue.say("Industry"), card.industry or not_said),
        (catalogue.say("Region"), placement.region or not_said),
        (catalogue.say("Customer id"), card.customer_id),
    ]
    return Panel(
        label_rows(rows),
        title=plain(customer_name(view.customer), "bold"),
        title_align="left",
        subtitle=plain(_as_of(view, catalogue, zone)),
        subtitle_align="left",
        border_style="red" if card.signals else "green",
    )


def account_words(placement: Placement, customer_id: str, catalogue: Catalogue) -> str:
    """Return the account; a customer without one is its own."""
    if placement.account == customer_id:
        return catalogue.say("its own")
    return placement.account


def _as_of(view: CardView, catalogue: Catalogue, zone: ZoneInfo) -> str:
    if view.at is None:
        return as_of_sentence(view.card.day, view.records_behind, catalogue)
    time = catalogue.time(view.at, zone)
    return catalogue.say("as of {time}; open day {day}", time=time, day=view.card.day)


def _why(view: CardView, catalogue: Catalogue) -> list[RenderableType]:
    if not view.card.signals:
        return [plain(catalogue.say("No signal stands."), "green")]
    parts: list[RenderableType] = [heading(catalogue.say("Why"))]
    for signal, evidence in _with_evidence(view):
        parts += [
            indented(Text.assemble("• ", plain(reason_sentence(signal, catalogue), "red"))),
            indented(plain(signal_figures(signal, catalogue), "dim"), 4),
        ]
        if evidence is not None:
            newest = evidence.newest[:_EVIDENCE_SHOWN]
            behind = evidence_words(evidence.window, evidence.facts, newest, catalogue)
            parts.append(indented(plain(behind), 4))
    return parts


def _with_evidence(view: CardView) -> Iterator[tuple[StandingSignal, SignalEvidence | None]]:
    """Pair signals with the facts behind them; those of a risk of leaving stand with its reasons."""
    evidence = iter(view.evidence)
    for signal in view.card.signals:
        yield signal, None if isinstance(signal.figures, ChurnFigures) else next(evidence)


def signal_figures(signal: StandingSignal, catalogue: Catalogue) -> str:
    """Return since when a signal stands, and the figures that its detector decided by."""
    figures = signal.figures
    if isinstance(figures, ConsumptionFigures):
        reason = reason_name(signal.reason, catalogue)
        return consumption_figures(reason, signal, figures, catalogue)
    if not isinstance(figures, SilenceFigures):
        return catalogue.say(
            "{reason} since {day} ({detector})",
            reason=reason_name(signal.reason, catalogue),
            day=signal.raised_on,
            detector=signal.detector,
        )
    return catalogue.say(
        "{reason} since {day}; surprise {surprise} over {threshold}, from {gaps} gaps of"
        " regularity {regularity} ({detector})",
        reason=reason_name(signal.reason, catalogue),
        day=signal.raised_on,
        surprise=catalogue.number(figures.surprise, 2),
        threshold=catalogue.number(figures.threshold, 2),
        gaps=figures.gaps_seen,
        regularity=catalogue.number(figures.regularity, 1),
        detector=signal.detector,
    )


def _provenance(view: CardView, catalogue: Catalogue) -> str:
    return catalogue.say_plural(
        "{number} fact, {late} of them late; projection {projection}, release {release}",
        "{number} facts, {late} of them late; projection {projection}, release {release}",
        view.card.facts,
        late=view.card.late_facts,
        projection=escaped(view.projection),
        release=view.fingerprint[:12],
    )
