"""The raw figures behind a score in words: "no order for 61 days". A decayed count is said "lately"."""

from events.figures import RawFigure
from events.values import Money
from infra.messages.catalogue import Catalogue
from services.ops.rendering.figure_words import gap_words, likelihood_percent, share_words


def raw_figure_words(figure: RawFigure, currency: str, catalogue: Catalogue) -> str:
    """Return a figure in words; under its own name where this release has none for it."""
    said = (
        _of_rhythm(figure, catalogue)
        or _of_spend(figure, currency, catalogue)
        or _of_returns_and_use(figure, catalogue)
        or _of_relations(figure, catalogue)
    )
    return said or f"{figure.figure} {catalogue.number(figure.value, 2)}"


def _of_rhythm(figure: RawFigure, catalogue: Catalogue) -> str | None:
    match figure.figure:
        case "days-since-order":
            return catalogue.say_plural(
                "no order for {number} day", "no order for {number} days", round(figure.value)
            )
        case "usual-gap":
            return catalogue.say("usual gap {gap}", gap=gap_words(figure.value, catalogue))
        case "purchase-days-182":
            days = catalogue.number(figure.value, 1)
            return catalogue.say("{days} days with an order in the last half-year", days=days)
        case "buy-again":
            chance = likelihood_percent(figure.value, catalogue)
            return catalogue.say("{chance} likely to buy again by its rhythm alone", chance=chance)
        case _:
            return None


def _of_spend(figure: RawFigure, currency: str, catalogue: Catalogue) -> str | None:
    match figure.figure:
        case "spent-91":
            money = Money(round(figure.value), currency)
            return catalogue.say("{money} spent lately", money=money)
        case "last-amount":
            money = Money(round(figure.value), currency)
            return catalogue.say("{money} on the last day with an order", money=money)
        case "orders-91":
            orders = catalogue.number(figure.value, 1)
            return catalogue.say("{orders} orders lately", orders=orders)
        case _:
            return None


def _of_returns_and_use(figure: RawFigure, catalogue: Catalogue) -> str | None:
    match figure.figure:
        case "returns-182":
            returns = catalogue.number(figure.value, 1)
            return catalogue.say("{returns} returns in the last half-year", returns=returns)
        case "returned-share":
            share = share_words(figure.value, catalogue)
            return catalogue.say("{share} of it sent back by value", share=share)
        case "used-14-vs-91":
            share = share_words(figure.value, catalogue)
            return catalogue.say("use in the last two weeks at {share} of the usual", share=share)
        case "days-since-use":
            return catalogue.say_plural(
                "no use for {number} day", "no use for {number} days", round(figure.value)
            )
        case _:
            return None


def _of_relations(figure: RawFigure, catalogue: Catalogue) -> str | None:
    lately, whole = catalogue.number(figure.value, 1), round(figure.value)
    match figure.figure:
        case "severity-91":
            return catalogue.say("complaints lately weigh {weight} by severity", weight=lately)
        case "open-complaints":
            return catalogue.say_plural(
                "{number} open complaint", "{number} open complaints", whole
            )
        case "unsatisfied":
            return catalogue.say_plural(
                "{number} resolution left it unsatisfied",
                "{number} resolutions left it unsatisfied",
                whole,
            )
        case "inbound-91":
            return catalogue.say("{number} contacts from the customer lately", number=lately)
        case "outbound-91":
            return catalogue.say("{number} contacts to the customer lately", number=lately)
        case _:
            return None
