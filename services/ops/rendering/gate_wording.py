"""The gates in words: what was found, and what is needed."""

from typing import assert_never

from events.judgements import Gate, GateCheck, Measure
from events.values import Money
from infra.messages.catalogue import Catalogue
from services.ops.rendering.figure_words import likelihood_percent, share_words


def gate_words(gate: Gate, catalogue: Catalogue) -> str:
    """Return what a gate is called."""
    words = {
        Gate.FRESH: catalogue.say("fresh"),
        Gate.ELIGIBLE: catalogue.say("eligible"),
        Gate.THRESHOLD: catalogue.say("threshold"),
        Gate.OPEN_ALREADY: catalogue.say("open already"),
        Gate.COOL_DOWN: catalogue.say("cool-down"),
        Gate.OPENING_LIMIT: catalogue.say("opening limit"),
    }
    return words[gate]


def check_sentence(check: GateCheck, currency: str, catalogue: Catalogue) -> str:
    """Return what a gate found and needs: "threshold: priority £12.00, needed £25.00"."""
    gate = gate_words(check.gate, catalogue)
    said = _said(check, currency, catalogue)
    return catalogue.say("{said}: {reasons}", said=gate, reasons=said)


def _said(check: GateCheck, currency: str, catalogue: Catalogue) -> str:
    match check.measure:
        case Measure.EMISSION | Measure.REASON | Measure.TIER | Measure.REGION | Measure.OPEN_TASK:
            return _named(check, catalogue)
        case Measure.AGE | Measure.DAYS_SINCE_CLOSED | Measure.PLACE_IN_LINE:
            return _counted(check, catalogue)
        case Measure.STAKE | Measure.VALUE | Measure.PROBABILITY:
            return _measured(check, currency, catalogue)
        case _ as never:
            assert_never(never)


def _named(check: GateCheck, catalogue: Catalogue) -> str:
    actual, needed = str(check.actual), str(check.needed)
    match check.measure:
        case Measure.EMISSION:
            live = catalogue.say("said live")
            return live if check.passed else catalogue.say("said of history, which opens nothing")
        case Measure.REASON:
            on = catalogue.say("this reason raises tasks")
            return on if check.passed else catalogue.say("this reason is switched off")
        case Measure.TIER:
            return catalogue.say("tier {actual}; left out: {needed}", actual=actual, needed=needed)
        case Measure.REGION:
            return catalogue.say(
                "region {actual}; left out: {needed}", actual=actual, needed=needed
            )
        case _:
            none = catalogue.say("no task is open")
            return none if check.passed else catalogue.say("{task} is open", task=actual)


def _counted(check: GateCheck, catalogue: Catalogue) -> str:
    actual, needed = _whole(check.actual), _whole(check.needed)
    match check.measure:
        case Measure.AGE:
            return catalogue.say(
                "{actual} days old, at most {needed}", actual=actual, needed=needed
            )
        case Measure.PLACE_IN_LINE:
            return catalogue.say(
                "place {actual} with its manager, of {needed}", actual=actual, needed=needed
            )
        case _:
            if check.actual is None:
                return catalogue.say("there was no task before")
            return catalogue.say(
                "{actual} days since the last task, needed {needed}", actual=actual, needed=needed
            )


def _measured(check: GateCheck, currency: str, catalogue: Catalogue) -> str:
    match check.measure:
        case Measure.STAKE:
            return catalogue.say(
                "{actual} at stake, needed {needed}",
                actual=_money(check.actual, currency),
                needed=_money(check.needed, currency),
            )
        case Measure.VALUE:
            return catalogue.say(
                "priority {actual}, needed {needed}",
                actual=_signed_money(check.actual, currency, catalogue),
                needed=_money(check.needed, currency),
            )
        case _:
            return catalogue.say(
                "likelihood {actual}, needed {needed}",
                actual=likelihood_percent(_figure(check.actual), catalogue),
                needed=share_words(_figure(check.needed), catalogue),
            )


def signed_money(amount: int, currency: str, catalogue: Catalogue) -> str:
    """Return an amount of minor units that may be below zero."""
    said = catalogue.money(Money(abs(amount), currency))
    return said if amount >= 0 else f"-{said}"


def whole_signed(amount: int, currency: str, catalogue: Catalogue) -> str:
    """Return the same without minor units, for lists."""
    said = catalogue.whole_money(Money(abs(amount), currency))
    return said if amount >= 0 else f"-{said}"


def _signed_money(value: str | float | None, currency: str, catalogue: Catalogue) -> str:
    return signed_money(_whole(value), currency, catalogue)


def _money(value: str | float | None, currency: str) -> Money:
    return Money(_whole(value), currency)


def _whole(value: str | float | None) -> int:
    return round(_figure(value))


def _figure(value: str | float | None) -> float:
    return value if isinstance(value, float) else 0.0
