"""The churn score on a card: how likely, what raises it by how much, and what changed lately."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from events.figures import ChurnFigures, ScoreChange
from events.profiles import CustomerCard
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView
from services.ops.rendering.evidence import evidence_words
from services.ops.rendering.figure_words import signed
from services.ops.rendering.grids import heading, indented
from services.ops.rendering.life_wording import stage_words, value_words
from services.ops.rendering.raw_figures import raw_figure_words
from services.ops.rendering.safe import plain
from services.ops.rendering.score_wording import clauses, group_words, likelihood

_EVIDENCE_SHOWN = 3
_A_BLOCK = 0.25
_MOST_BLOCKS = 8


def score_rows(card: CustomerCard, catalogue: Catalogue) -> list[tuple[str, Text | str]]:
    """Return the head of a card for who ever bought: likelihood, value and stage."""
    rows: list[tuple[str, Text | str]] = []
    if card.churn is not None:
        said = catalogue.say(
            "{likelihood}: not to buy within {days} days (model {model})",
            likelihood=likelihood(card.churn, catalogue),
            days=card.churn.horizon_days,
            model=card.churn.model,
        )
        rows.append((catalogue.say("Likely to leave"), plain(said, "bold")))
    if card.life_cycle is not None:
        value = value_words(card.segment, card.life_cycle, catalogue)
        rows.append((catalogue.say("Segment"), value))
        rows.append((catalogue.say("Stage"), stage_words(card.life_cycle, catalogue)))
    return rows


def score_section(view: CardView, catalogue: Catalogue) -> list[RenderableType]:
    """Return why the score is what it is; nothing where there is none."""
    churn = view.card.churn
    if churn is None:
        return []
    parts: list[RenderableType] = [Text(), heading(catalogue.say("What raises the likelihood"))]
    if churn.reasons:
        parts.append(indented(_reasons(view, churn, catalogue)))
    else:
        parts.append(indented(plain(catalogue.say("nothing"))))
    parts += [indented(plain(line, "dim")) for line in rest_words(churn, catalogue)]
    if churn.change is not None:
        parts.append(indented(plain(change_words(churn.change, catalogue))))
    return parts


def _reasons(view: CardView, churn: ChurnFigures, catalogue: Catalogue) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(overflow="fold")
    currency = view.card.stake.currency
    for reason, behind in zip(churn.reasons, view.score_evidence, strict=True):
        figures = [raw_figure_words(figure, currency, catalogue) for figure in reason.figures]
        named = group_words(reason.group, catalogue)
        said = catalogue.say("{said}: {reasons}", said=named, reasons=clauses(figures, catalogue))
        grid.add_row(
            plain(bar(reason.log_odds), "red"), signed(reason.log_odds, catalogue), plain(said)
        )
        newest = behind.newest[:_EVIDENCE_SHOWN]
        facts = evidence_words(behind.window, behind.facts, newest, catalogue)
        grid.add_row("", "", plain(facts, "dim"))
    return grid


def bar(log_odds: float) -> str:
    """Return a bar of one block for each quarter of log-odds, one at least and eight at most."""
    return "█" * min(max(round(abs(log_odds) / _A_BLOCK), 1), _MOST_BLOCKS)


def rest_words(churn: ChurnFigures, catalogue: Catalogue) -> list[str]:
    """Return what else the score consists of, so that the reasons can be added up to it."""
    told = {reason.group for reason in churn.reasons}
    others = [
        f"{group_words(share.group, catalogue)} {signed(share.log_odds, catalogue)}"
        for share in churn.shares
        if share.group not in told and round(share.log_odds, 2)
    ]
    begun = catalogue.say(
        "an average customer starts from {base}; all together {log_odds}",
        base=signed(churn.base, catalogue),
        log_odds=signed(churn.log_odds, catalogue),
    )
    if not others:
        return [begun]
    return [catalogue.say("besides: {parts}", parts=catalogue.joined(others)), begun]


def change_words(change: ScoreChange, catalogue: Catalogue) -> str:
    """Return what changed since the last weekly look: parts that add up to the change as shown."""
    named = [(group_words(part.group, catalogue), part.log_odds) for part in change.parts]
    named.append((catalogue.say("another model"), change.model))
    amounts = added_up(amount for _, amount in named)
    parts = [
        f"{name} {signed(amount, catalogue)}"
        for (name, _), amount in zip(named, amounts, strict=True)
        if amount
    ]
    if not parts:
        return catalogue.say("nothing changed since {day}", day=change.since)
    return catalogue.say(
        "changed since {day} by {change}: {parts}",
        day=change.since,
        change=signed(sum(amounts), catalogue),
        parts=catalogue.joined(parts),
    )


def added_up(amounts: Iterable[float]) -> Sequence[float]:
    """Return amounts in hundredths whose sum is the sum rounded; each is off by less than one.

    >>> added_up([0.333, 0.333, 0.333])
    [0.33, 0.34, 0.33]
    """
    shown, total, told = [], 0.0, 0
    for amount in amounts:
        total += amount
        hundredths = round(total * 100) - told
        told += hundredths
        shown.append(hundredths / 100)
    return shown
