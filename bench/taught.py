"""A taught model, so that benchmarks score as a firm does that has learned for a year.

Means, scales and weights are what a year of Online Retail teaches (`holdfast tail crm.control` after
importing it), rounded; inputs that it has no facts for are given a spread, so that nothing is idle.
"""

from domain.detection.churn_recipe import RECIPE
from domain.detection.day_model import DayModel
from events.models import ChurnModel, CutPoints, LinearScorer

_USAGE = (0.0,) * 7
MEANS = (1.044, 3.177, 10.263, 10.635, 0.286, 0.389, 0.018, 2.237, 0.586, -0.279, *_USAGE)
SCALES = (2.04, 1.039, 1.099, 0.908, 2.229, 2.052, 17.233, 0.523, 2.874, 0.831, *(1.0,) * 7)
WEIGHTS = (-0.521, 0.002, -0.107, -0.263, -0.208, -0.02, 0.267, 0.054, 0.255, -0.472, *(0.05,) * 7)

TAUGHT = DayModel(
    ChurnModel(
        recipe=RECIPE.title,
        scorer=LinearScorer(RECIPE.inputs, MEANS, SCALES, WEIGHTS, -0.579, RECIPE.clip),
        snapshots=100_000,
        labels=61_796,
        first_label_day=None,
        last_label_day=None,
        log_loss=0.547,
        cut_points=CutPoints(42_644.0, 93_087.0, 1.41, 2.42),
    )
)


class TaughtModels:
    """The taught model on every day."""

    async def of(self, day: int) -> DayModel:
        """Return the taught model."""
        return TAUGHT

    def decided(self, day: int) -> DayModel:
        """Return the taught model."""
        return TAUGHT
