"""The gate: may what was learned today become the model of tomorrow?

It is there against accidents, not to pick the better of two: a candidate that broke is kept out and
its predecessor stays; a candidate that is a little worse on the labels of one day gets in, for they
are few, and learning must be able to go on.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from domain.learning.scoring import Scorer, log_loss
from events.models import LinearScorer

MARGIN = 0.05
"""Nats of mean log loss by which a candidate may be worse than its predecessor."""
LEAST_LABELS = 50
"""With fewer labels on a day the difference of two losses says nothing."""


class RefusalReason(StrEnum):
    """Why a model stays out. A name here is stable for ever."""

    NON_FINITE = "non-finite"
    CLEARLY_WORSE = "clearly-worse"


class Losses(msgspec.Struct, frozen=True):
    """Mean log losses in nats over the same ``labels``; None where there is no label."""

    labels: int
    candidate: float | None
    incumbent: float | None


class Admitted(msgspec.Struct, frozen=True):
    """The candidate may become the model."""

    losses: Losses


class Refused(msgspec.Struct, frozen=True):
    """The candidate must not become the model. A loss that is not finite is None."""

    reason: RefusalReason
    losses: Losses


def admit(
    candidate: LinearScorer,
    incumbent: LinearScorer,
    rows: Sequence[Sequence[float]],
    churned: Sequence[bool],
) -> Admitted | Refused:
    """Judge a candidate by the labels released today: the rows of the snapshots and what happened.

    Raises ``ValueError`` where the two models have other inputs: their rows are not comparable.
    """
    if candidate.inputs != incumbent.inputs:
        raise ValueError(f"a model of {candidate.inputs} after one of {incumbent.inputs}")
    losses = Losses(
        labels=len(rows),
        candidate=_mean_log_loss(candidate, rows, churned),
        incumbent=_mean_log_loss(incumbent, rows, churned),
    )
    if not _is_finite(candidate):
        return Refused(RefusalReason.NON_FINITE, losses)
    if _is_clearly_worse(losses):
        return Refused(RefusalReason.CLEARLY_WORSE, losses)
    return Admitted(losses)


def _mean_log_loss(
    linear: LinearScorer, rows: Sequence[Sequence[float]], churned: Sequence[bool]
) -> float | None:
    if len(rows) == 0 or not _is_finite(linear):
        return None
    scorer = Scorer(linear)
    losses = (
        log_loss(scorer.log_odds(row), churned=gone)
        for row, gone in zip(rows, churned, strict=True)
    )
    return math.fsum(losses) / len(rows)


def _is_finite(linear: LinearScorer) -> bool:
    numbers = (*linear.means, *linear.scales, *linear.weights, linear.intercept, linear.clip)
    return all(map(math.isfinite, numbers))


def _is_clearly_worse(losses: Losses) -> bool:
    if losses.candidate is None or losses.incumbent is None or losses.labels < LEAST_LABELS:
        return False
    return losses.candidate - losses.incumbent > MARGIN
