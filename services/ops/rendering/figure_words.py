"""Figures as they are said: gaps, shares, likelihoods, and what is added or taken away."""

from infra.messages.catalogue import Catalogue

_LEAST_PERCENT, _MOST_PERCENT = 1, 99
"""A likelihood is never said to be certain."""


def gap_words(gap: float, catalogue: Catalogue) -> str:
    """Return a gap in days: whole ones, but short gaps to a tenth."""
    return catalogue.number(gap, 1 if gap < 10 else 0)


def share_words(share: float, catalogue: Catalogue) -> str:
    """Return a part of 1 as a percentage."""
    return catalogue.say("{number} %", number=round(share * 100))


def likelihood_percent(probability: float, catalogue: Catalogue) -> str:
    """Return a probability as a percentage from 1 to 99."""
    percent = min(max(round(probability * 100), _LEAST_PERCENT), _MOST_PERCENT)
    return catalogue.say("{number} %", number=percent)


def signed(value: float, catalogue: Catalogue) -> str:
    """Return a number to the hundredth with its sign; 0 has none."""
    said = catalogue.number(value, 2)
    return f"+{said}" if round(value, 2) > 0 else said.removeprefix("-") if said == "-0" else said
