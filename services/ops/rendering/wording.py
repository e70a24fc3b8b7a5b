"""The words for what the vocabulary names: reasons, kinds, fact types, emissions."""

from typing import assert_never

from events.control import ClockMode
from events.figures import ChurnFigures, ConsumptionFigures, SilenceFigures
from events.profiles import StandingSignal
from events.signals import SignalReason
from events.values import CustomerKind, CustomerRef
from infra.messages.catalogue import Catalogue
from services.ops.rendering.consumption import consumption_sentence
from services.ops.rendering.figure_words import gap_words
from services.ops.rendering.score_wording import churn_sentence


def reason_sentence(signal: StandingSignal, catalogue: Catalogue) -> str:
    """Return why a signal stands, in figures: "no order for 61 days, usual gap 19"."""
    match signal.figures:
        case SilenceFigures() as figures:
            return catalogue.say_plural(
                "no order for {number} day, usual gap {gap}",
                "no order for {number} days, usual gap {gap}",
                figures.days_since_order,
                gap=gap_words(figures.usual_gap, catalogue),
            )
        case ConsumptionFigures() as figures:
            return consumption_sentence(figures, catalogue)
        case ChurnFigures() as figures:
            return churn_sentence(figures, catalogue)
        case _ as never:
            assert_never(never)


def reason_name(reason: SignalReason, catalogue: Catalogue) -> str:
    """Return what a reason is called."""
    words = {
        SignalReason.UNUSUALLY_QUIET: catalogue.say("unusually quiet"),
        SignalReason.CHURN_RISK: catalogue.say("likely to leave"),
        SignalReason.CONSUMPTION_DROP: catalogue.say("consumption dropped"),
        SignalReason.CONSUMPTION_SPIKE: catalogue.say("consumption spiked"),
        SignalReason.CONSUMPTION_SHIFT_DOWN: catalogue.say("consumption fell lastingly"),
        SignalReason.CONSUMPTION_SHIFT_UP: catalogue.say("consumption rose lastingly"),
    }
    return words[reason]


def kind_words(kind: str | None, catalogue: Catalogue) -> str:
    """Return what sort of party a customer is."""
    if kind is None:
        return catalogue.say("not said")
    words: dict[str, str] = {
        CustomerKind.INDIVIDUAL: catalogue.say("individual"),
        CustomerKind.GROUP_LARGE: catalogue.say("large group"),
        CustomerKind.GROUP_MEDIUM: catalogue.say("medium group"),
        CustomerKind.GROUP_SMALL: catalogue.say("small group"),
        CustomerKind.GROUP_MICRO: catalogue.say("micro group"),
        CustomerKind.FAMILY: catalogue.say("family"),
        CustomerKind.VIP: catalogue.say("VIP"),
    }
    return words.get(kind, kind)


def fact_words(type_name: str, catalogue: Catalogue) -> str:
    """Return what happened, by its type; the type itself where there is no word for it."""
    words = {
        "crm.order.placed.v1": catalogue.say("order"),
        "crm.order.returned.v1": catalogue.say("return"),
        "crm.usage.recorded.v1": catalogue.say("usage"),
        "crm.customer.registered.v1": catalogue.say("registered"),
        "crm.customer.changed.v1": catalogue.say("customer changed"),
        "crm.account.assigned.v1": catalogue.say("account assigned"),
        "crm.interaction.recorded.v1": catalogue.say("contact"),
        "crm.complaint.opened.v1": catalogue.say("complaint"),
        "crm.complaint.resolved.v1": catalogue.say("complaint resolved"),
        "crm.complaint.reopened.v1": catalogue.say("complaint reopened"),
        "crm.retention.closed.v1": catalogue.say("retention task closed"),
    }
    return words.get(type_name, type_name)


def clock_words(mode: ClockMode, catalogue: Catalogue) -> str:
    """Return what "now" means on a log."""
    match mode:
        case ClockMode.WALL:
            return catalogue.say("follows the calendar")
        case ClockMode.LOG:
            return catalogue.say("stands at the end of the open day")
        case _ as never:
            assert_never(never)


def customer_name(ref: CustomerRef) -> str:
    """Return a customer's name as it can be typed: SYSTEM:KEY."""
    return f"{ref.system}:{ref.key}"
