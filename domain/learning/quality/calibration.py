"""Whether of a hundred customers who were given 30 % some thirty churn."""

from collections.abc import Sequence

import msgspec
import numpy as np

from domain.learning.quality.labelled import Flags, Floats

GROUPS = 10


class Tenth(msgspec.Struct, frozen=True):
    """A tenth of the labels by probability: the mean one ``predicted``, and the share ``churned``."""

    predicted: float
    churned: float
    labels: int


def tenths(churned: Flags, probability: Floats) -> tuple[Tenth, ...]:
    """Return ten groups as equal in size as can be, from the lowest probabilities up.

    Of equal probabilities the first come first. Empty for fewer than ten labels.
    """
    if len(churned) < GROUPS:
        return ()
    order = np.argsort(probability, kind="stable")
    return tuple(
        Tenth(float(probability[group].mean()), float(churned[group].mean()), len(group))
        for group in np.array_split(order, GROUPS)
    )


def expected_calibration_error(groups: Sequence[Tenth]) -> float | None:
    """Return the mean distance of share churned and mean probability, by labels; None for none."""
    labels = sum(group.labels for group in groups)
    if not labels:
        return None
    distances = (abs(group.churned - group.predicted) * group.labels for group in groups)
    return sum(distances) / labels


def log_loss(churned: Flags, log_odds: Floats) -> float | None:
    """Return the mean surprise at what happened, in nats, out of log-odds; None without labels.

    -ln p where the customer churned, -ln(1 - p) where not: ln(1 + e^z) of what spoke against it.
    """
    if not len(churned):
        return None
    return float(np.logaddexp(0.0, np.where(churned, -log_odds, log_odds)).mean())


def brier_score(churned: Flags, probability: Floats) -> float | None:
    """Return the mean squared distance of probability and what happened (Brier 1950)."""
    return float(((probability - churned) ** 2).mean()) if len(churned) else None
