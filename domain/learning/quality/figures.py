"""All figures of some labels. A figure that so few labels do not give is null, never 0 and never NaN."""

import msgspec
import numpy as np

from domain.learning.quality.calibration import (
    Tenth,
    brier_score,
    expected_calibration_error,
    log_loss,
    tenths,
)
from domain.learning.quality.labelled import Flags, Floats, LabelledScores
from domain.learning.quality.ranking import average_precision, share_within, tick_auc, top_tenth


class BaselineFigures(msgspec.Struct, frozen=True):
    """What a rule without any learning would have reached on the same labels."""

    auc: float | None
    average_precision: float | None
    precision_top_tenth: float | None
    lost_spend_top_tenth: float | None
    lost_spend_top_tenth_by_score_alone: float | None


class Baselines(msgspec.Struct, frozen=True):
    """Two rules of thumb: silence in usual gaps, and few purchase days lately.

    For the lost spend they rank by silence x stake, and by stake / (1 + decayed purchase days): with
    the same stake as the scores. By the rule alone is how they are used where nobody has a stake.
    """

    recency_over_gap: BaselineFigures
    decayed_purchase_days: BaselineFigures


class Figures(msgspec.Struct, frozen=True):
    """How good the scores were on ``labels`` of ``ticks`` weeks; all but ``auc`` over all at once.

    ``auc`` is the mean over the weeks. The top tenth is that of the highest probabilities, for
    ``precision`` (the share that churned), ``lift`` (over ``base_rate``) and ``by_probability_alone``;
    else that of probability x stake. Lost spend is the decayed spend of those who churned, lost stake
    what they were expected to spend. Fewer than ten labels have neither tenths nor a top tenth.
    """

    labels: int
    ticks: int
    base_rate: float | None
    auc: float | None
    average_precision: float | None
    log_loss: float | None
    brier: float | None
    ece: float | None
    precision_top_tenth: float | None
    lift_top_tenth: float | None
    lost_spend_top_tenth: float | None
    lost_spend_top_tenth_by_probability_alone: float | None
    lost_stake_top_tenth: float | None
    baselines: Baselines
    calibration: tuple[Tenth, ...]


def measure(labelled: LabelledScores) -> Figures:
    """Return the figures of these labels, whatever they are."""
    churned, probability, stake = labelled.churned, labelled.probability, labelled.stake
    groups = tenths(churned, probability)
    base_rate, precision = _share(churned), _precision(churned, probability)
    lost_spend, dearest = labelled.spent_182 * churned, top_tenth(probability * stake)
    return Figures(
        labels=len(labelled),
        ticks=len(np.unique(labelled.tick)),
        base_rate=base_rate,
        auc=tick_auc(churned, labelled.log_odds, labelled.tick),
        average_precision=average_precision(churned, probability),
        log_loss=log_loss(churned, labelled.log_odds),
        brier=brier_score(churned, probability),
        ece=expected_calibration_error(groups),
        precision_top_tenth=precision,
        lift_top_tenth=precision / base_rate if precision is not None and base_rate else None,
        lost_spend_top_tenth=share_within(dearest, lost_spend),
        lost_spend_top_tenth_by_probability_alone=share_within(top_tenth(probability), lost_spend),
        lost_stake_top_tenth=share_within(dearest, stake * churned),
        baselines=_baselines(labelled),
        calibration=groups,
    )


def _baselines(labelled: LabelledScores) -> Baselines:
    silence, purchase_days = labelled.recency_over_gap, labelled.purchase_days_182
    return Baselines(
        recency_over_gap=_baseline(labelled, silence, silence * labelled.stake),
        decayed_purchase_days=_baseline(
            labelled, -purchase_days, labelled.stake / (1.0 + purchase_days)
        ),
    )


def _baseline(labelled: LabelledScores, score: Floats, dearest: Floats) -> BaselineFigures:
    churned = labelled.churned
    return BaselineFigures(
        auc=tick_auc(churned, score, labelled.tick),
        average_precision=average_precision(churned, score),
        precision_top_tenth=_precision(churned, score),
        lost_spend_top_tenth=share_within(top_tenth(dearest), labelled.spent_182 * churned),
        lost_spend_top_tenth_by_score_alone=share_within(
            top_tenth(score), labelled.spent_182 * churned
        ),
    )


def _precision(churned: Flags, score: Floats) -> float | None:
    return _share(churned[top_tenth(score)])


def _share(churned: Flags) -> float | None:
    return float(churned.mean()) if len(churned) else None
