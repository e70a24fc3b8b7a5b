"""The golden model: a literal taught one, under which the golden history is folded as well.

Every input weighs something, mostly the recency, so that a risk is raised after a good week of
silence: it is cleared by a purchase, by a late one, and as gone. Enough was learned for percentages,
and the customer's stake and volume pass the cut points.
"""

import datetime

import msgspec

from domain.detection.churn_recipe import INPUTS, RECIPE
from domain.detection.day_model import LABELS_FOR_PERCENTAGES, LEAST_SNAPSHOTS, DayModel
from events.models import ChurnModel, CutPoints, LinearScorer

_BY_INPUT = {
    "purchase-days": (1.5, 2.0, -0.11),
    "recency": (1.8, 1.25, 3.2),
    "last-amount": (7.0, 0.75, 0.07),
    "spend-91": (8.0, 1.5, -0.05),
    "returns": (0.5, 2.0, 0.09),
    "one-purchase": (0.25, 2.5, 0.13),
    "returned-share": (0.04, 9.0, 0.2),
    "mean-log-gap": (2.4, 1.5, -0.08),
    "order-rate": (1.0, 2.0, -0.25),
    "buy-again": (0.25, 0.5, -0.12),
    "usage-trend": (-0.3, 1.5, -0.1),
    "usage-recency": (2.0, 0.8, 0.12),
    "complaint-severity": (2.5, 1.2, 0.14),
    "open-complaints": (0.7, 1.6, 0.15),
    "unsatisfied": (0.7, 3.0, 0.08),
    "inbound-contacts": (0.8, 2.2, 0.3),
    "outbound-contacts": (0.6, 2.4, -0.03),
}
"""Mean, scale and weight of each input."""

_MEANS, _SCALES, _WEIGHTS = zip(*(_BY_INPUT[name] for name in INPUTS), strict=True)

TAUGHT = DayModel(
    ChurnModel(
        recipe=RECIPE.title,
        scorer=LinearScorer(INPUTS, _MEANS, _SCALES, _WEIGHTS, intercept=-0.1, clip=RECIPE.clip),
        snapshots=LEAST_SNAPSHOTS,
        labels=LABELS_FOR_PERCENTAGES,
        first_label_day=datetime.date(1970, 2, 12),
        last_label_day=datetime.date(1970, 5, 21),
        log_loss=0.5625,
        cut_points=CutPoints(
            stake_middle=2_500.0, stake_high=5_000.0, volume_middle=2.4, volume_high=5.0
        ),
    )
)
UNSURE = DayModel(msgspec.structs.replace(TAUGHT.model, labels=LABELS_FOR_PERCENTAGES - 1))
"""The same before so many labels had matured: it says no percentages."""

YOUNG = DayModel(msgspec.structs.replace(UNSURE.model, snapshots=LEAST_SNAPSHOTS - 1))
"""The same before it had seen enough: nothing is said by it."""
