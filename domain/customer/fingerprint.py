"""The fingerprint of the fold: other code or settings, another fingerprint.

It is the SHA-256 of what the fold makes of the golden history, which walks through every rule, under
the start model, young ones and a taught one, and of the numbers that rules are tuned by.
"""

from hashlib import sha256

from domain import decay
from domain.customer import (
    complaints,
    feeds,
    known_complaints,
    life_cycle,
    room,
    segments,
    stake,
    usage,
)
from domain.customer.fold import CustomerFold
from domain.customer.golden_fold import GoldenFold
from domain.customer.golden_model import TAUGHT, UNSURE, YOUNG
from domain.detection import (
    buying_again,
    churn,
    churn_inputs,
    churn_reasons,
    churn_recipe,
    churn_score,
    day_model,
    gaps,
    silence,
)
from domain.detection.day_model import START
from domain.detection.metering_settings import metering_settings


def _settings() -> tuple[object, ...]:
    """Return every number that a rule is tuned by: the golden log need not touch each of them."""
    return (
        silence.RAISE_ABOVE,
        silence.CLEAR_AT,
        silence.COOL_DOWN_DAYS,
        silence.LEAST_GAPS,
        silence.GAPS_COUNTED,
        silence.PSEUDO_GAPS,
        silence.TYPICAL_CV2,
        silence.REGULARITY_RANGE,
        silence.FURTHEST_DAYS,
        gaps.RATE,
        gaps.LOG_RATE,
        stake.HORIZON_DAYS,
        stake.PRIOR_DAYS,
        room.STATE_BYTES,
        room.CHURN_RESERVE,
        room.FIXED_PARTS,
        stake.LEAST_TREND,
        stake.MOST_TREND,
        stake.QUARTER.half_life_days,
        stake.HALF_YEAR.half_life_days,
        segments.HYSTERESIS,
        life_cycle.NEW_DAYS,
        life_cycle.DORMANT_AFTER_DAYS,
        life_cycle.GONE_AFTER_DAYS,
        life_cycle.GROWING_ABOVE,
        life_cycle.DECLINING_BELOW,
        life_cycle.LEAST_PURCHASE_DAYS,
        life_cycle.LIVELY_DAYS,
        usage.SERVICE_TAKES,
        feeds.UNUSED_DAYS,
        feeds.ASK_AGAIN_DAYS,
        *metering_settings(),
        known_complaints.COMPLAINTS_KEPT,
        complaints.SEVERITY_UNSAID.value,
        *((severity.value, weight) for severity, weight in complaints.SEVERITY_WEIGHTS.items()),
        decay.TABLE_DAYS,
        *_settings_of_churn(),
        *_settings_of_scores(),
    )


def _settings_of_churn() -> tuple[object, ...]:
    return (
        churn.RAISE_AT,
        churn.CLEAR_BELOW,
        churn.COOL_DOWN_DAYS,
        churn_score.LOW_BELOW,
        day_model.LEAST_SNAPSHOTS,
        day_model.LABELS_FOR_PERCENTAGES,
        churn_inputs.DECIMALS,
        churn_inputs.RATE_PRIOR_DAYS,
        churn_inputs.DAYS_A_MONTH,
        churn_inputs.USE_FLOOR,
        (buying_again.R, buying_again.ALPHA, buying_again.A, buying_again.B),
        buying_again.LEAST_CHANCE,
        buying_again.LARGEST_EXPONENT,
        churn_reasons.REASONS_SHOWN,
        churn_reasons.LEAST_SHARE,
        churn_reasons.RETURNS_WINDOW_DAYS,
    )


def _settings_of_scores() -> tuple[object, ...]:
    return (
        churn_recipe.RECIPE,
        churn_recipe.HORIZON_DAYS,
        *((group.value, names) for group, names in churn_recipe.GROUPS.items()),
    )


def fingerprint(fold: CustomerFold) -> str:
    """Return 64 hexadecimal digits that name this release's fold with its settings."""
    hasher = sha256(repr((*_settings(), fold.currency)).encode())
    for model in (START, YOUNG, UNSURE, TAUGHT):
        hasher.update(GoldenFold(fold.under(model)).digest())
    return hasher.hexdigest()
