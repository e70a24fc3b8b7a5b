"""The words for consumption: what was used, and what is usual."""

from events.figures import ConsumptionFigures
from events.profiles import CustomerCard, StandingSignal
from infra.messages.catalogue import Catalogue


def consumption_sentence(figures: ConsumptionFigures, catalogue: Catalogue) -> str:
    """Return what was used and what was to be expected.

    "mobile-data: used 3.1 GB on 5 May 2025, usual 6 to 9".
    """
    return catalogue.say(
        "{service}: used {total} {unit} on {day}, usual {low} to {high}",
        service=figures.service,
        total=amount_words(figures.total, catalogue),
        unit=figures.unit,
        day=figures.day,
        low=amount_words(figures.expected_low, catalogue),
        high=amount_words(figures.expected_high, catalogue),
    )


def consumption_figures(
    reason: str, signal: StandingSignal, figures: ConsumptionFigures, catalogue: Catalogue
) -> str:
    """Return since when a signal stands, and what it was decided by."""
    return catalogue.say(
        "{reason} since {day}; off by {deviation} spreads, shift {evidence}, threshold {threshold}"
        " ({detector})",
        reason=reason,
        day=signal.raised_on,
        deviation=catalogue.number(figures.deviation, 1),
        evidence=catalogue.number(figures.evidence, 1),
        threshold=catalogue.number(figures.threshold, 1),
        detector=signal.detector,
    )


def usual_words(card: CustomerCard, catalogue: Catalogue) -> dict[tuple[str, str], str]:
    """Return the band of a day, such as "6 to 9 GB", of each (service, unit) that has one."""
    return {
        (entry.service, entry.unit): catalogue.say(
            "{low} to {high} {unit}",
            low=amount_words(entry.low, catalogue),
            high=amount_words(entry.high, catalogue),
            unit=entry.unit,
        )
        for entry in card.usual
    }


def amount_words(amount: float, catalogue: Catalogue) -> str:
    """Return an amount as exactly as it is of use: to a whole from 100 on, to a tenth from 1 on."""
    digits = 0 if amount >= 100 else 1 if amount >= 1 else 3
    return catalogue.number(amount, digits)
