"""All figures once more in plain Python, label by label, as `docs/analysts.md` puts them in words."""

import math
from collections.abc import Callable, Sequence
from statistics import fmean

import msgspec


class PlainLabel(msgspec.Struct, frozen=True):
    """A snapshot and what became of its customer."""

    day: int
    log_odds: float
    churned: bool
    stake: float
    spent_182: float
    recency: int
    usual_gap: float | None
    purchase_days_182: float

    @property
    def probability(self) -> float:
        return 1.0 / (1.0 + math.exp(-self.log_odds))

    @property
    def silence(self) -> float:
        return self.recency / (1.0 if self.usual_gap is None else self.usual_gap)


Labels = Sequence[PlainLabel]
Score = Callable[[PlainLabel], float]


def mean_area(labels: Labels, score: Score) -> float | None:
    """Week by week the share of pairs in order, then the mean."""
    areas = []
    for week in {label.day // 7 for label in labels}:
        ours = [label for label in labels if label.day // 7 == week]
        pairs = [
            1.0 if score(one) > score(other) else 0.5 if score(one) == score(other) else 0.0
            for one in ours
            if one.churned
            for other in ours
            if not other.churned
        ]
        areas += [fmean(pairs)] if pairs else []
    return fmean(areas) if areas else None


def mean_precision(labels: Labels, score: Score) -> float | None:
    """The precision among those who score as high, at each one who churned; then the mean."""
    found = [
        fmean(other.churned for other in labels if score(other) >= score(one))
        for one in labels
        if one.churned
    ]
    return fmean(found) if found else None


def best_tenth(labels: Labels, score: Score) -> Labels:
    """The tenth with the highest scores; of equals the first."""
    return sorted(labels, key=lambda label: -score(label))[: len(labels) // 10]


def precision(labels: Labels, score: Score) -> float | None:
    """The share of the best tenth that churned."""
    best = best_tenth(labels, score)
    return fmean(label.churned for label in best) if best else None


def caught(labels: Labels, score: Score, amount: Score) -> float | None:
    """The part of what those who churned amount to that stands in the best tenth."""
    best, lost = best_tenth(labels, score), [label for label in labels if label.churned]
    total = math.fsum(map(amount, lost))
    return (
        math.fsum(amount(label) for label in best if label.churned) / total
        if best and total
        else None
    )


def calibration(labels: Labels) -> list[tuple[float, float, int]]:
    """Mean probability, share churned and labels of ten groups, longer ones first."""
    ordered = sorted(labels, key=lambda label: label.probability)
    if len(ordered) < 10:
        return []
    each, longer = divmod(len(ordered), 10)
    groups, start = [], 0
    for number in range(10):
        group = ordered[start : start + each + (number < longer)]
        start += len(group)
        groups.append(
            (
                fmean(label.probability for label in group),
                fmean(label.churned for label in group),
                len(group),
            )
        )
    return groups
