"""How well scores put those who churned before those who did not. Exact, by sorting, never sampled."""

import numpy as np

from domain.learning.quality.labelled import Flags, Floats, Integers


def area_under_curve(churned: Flags, score: Floats) -> float | None:
    """Return the chance that one who churned scores above one who did not; equals count half.

    By the ranks of Mann and Whitney (1947). None unless there are some of either kind.
    """
    positives = int(churned.sum())
    negatives = len(churned) - positives
    if not positives or not negatives:
        return None
    least = positives * (positives + 1) / 2
    return float((_ranks(score)[churned].sum() - least) / (positives * negatives))


def tick_auc(churned: Flags, score: Floats, tick: Integers) -> float | None:
    """Return the mean area under the curve over the weeks that have some of either kind.

    None without such a week. A week by itself, so that a model which only knows the season is worth
    nothing.
    """
    order = np.argsort(tick, kind="stable")
    weeks = np.split(order, np.flatnonzero(np.diff(tick[order])) + 1)
    areas = [area_under_curve(churned[week], score[week]) for week in weeks]
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if known else None


def average_precision(churned: Flags, score: Floats) -> float | None:
    """Return the mean precision at each one who churned, from the highest score down.

    Equal scores are one step. None where nobody churned.
    """
    if not churned.any():
        return None
    values, step = np.unique(score, return_inverse=True)
    hits = np.bincount(step, weights=churned, minlength=len(values))[::-1]
    seen = np.bincount(step, minlength=len(values))[::-1]
    precision = np.cumsum(hits) / np.cumsum(seen)
    return float((precision * hits).sum() / hits.sum())


def top_tenth(score: Floats) -> Integers:
    """Return the places of the highest tenth, rounded down; of equal scores the first."""
    return np.argsort(-score, kind="stable")[: len(score) // 10]


def share_within(places: Integers, amounts: Floats) -> float | None:
    """Return which part of a sum stands at some places; None for no places, or a sum of 0."""
    total = float(amounts.sum())
    return float(amounts[places].sum()) / total if len(places) and total > 0.0 else None


def _ranks(score: Floats) -> Floats:
    """Return the rank of each score from 1; equal ones share the mean of theirs."""
    _, step, count = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[step]
