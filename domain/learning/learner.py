"""The learner of a projection: fed with snapshots, taught by labels, asked for a scorer.

The order of calls decides the bits, so the caller keeps to one: snapshots and labels of a day in
the order of customer ids. Everything it knows is in its state, and a learner made of that state
goes on as if it had never stopped.
"""

import math
from collections.abc import Sequence

import msgspec

from domain.learning.recipe import Recipe
from domain.learning.regression import SignedRegression
from domain.learning.standardisation import Standardisation
from domain.learning.standardiser import Standardiser
from events.models import LinearScorer


class LearnerState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a learner knows. ``weights`` and ``accumulators`` have the intercept's first.

    ``means`` and ``variances`` stand in the order of the inputs, of ``snapshots`` rows.
    """

    snapshots: int
    labels: int
    means: tuple[float, ...]
    variances: tuple[float, ...]
    weights: tuple[float, ...]
    accumulators: tuple[float, ...]


class Learner:
    """Learns one recipe. Rows have a value for each input, in the recipe's order.

    A row of another length or with a value that is not finite raises ``ValueError`` and leaves the
    learner as it was: a mean that is NaN once would be so for ever.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.labels = 0
        self._standardiser = Standardiser(recipe.inputs, recipe.least_variance)
        self._regression = SignedRegression(recipe)
        self._standardisation: Standardisation | None = None

    @classmethod
    def of(cls, recipe: Recipe, state: LearnerState) -> "Learner":
        """Return a learner that goes on from ``state``.

        Raises ``ValueError`` where the state has another number of inputs than the recipe.
        """
        learner = cls(recipe)
        learner.labels = state.labels
        learner._standardiser.resume(state.snapshots, state.means, state.variances)
        learner._regression.resume(state.weights, state.accumulators)
        return learner

    @property
    def snapshots(self) -> int:
        """Return how many snapshots it was fed."""
        return self._standardiser.fed

    def feed(self, row: Sequence[float]) -> None:
        """Learn from a snapshot, whose label is yet to come, what is usual."""
        _demand_finite(row)
        self._standardiser.feed(row)
        self._standardisation = None

    def learn(self, row: Sequence[float], *, churned: bool) -> None:
        """Learn a label: the row that it belongs to, standardised as of now, and what happened."""
        _demand_finite(row)
        if self._standardisation is None:
            self._standardisation = Standardisation(*self._means_and_scales(), self.recipe.clip)
        self._regression.learn(self._standardisation.of_row(row), churned=churned)
        self.labels += 1

    def scorer(self) -> LinearScorer:
        """Return the model as of now."""
        intercept, *weights = self._regression.all_weights()
        means, scales = self._means_and_scales()
        return LinearScorer(
            inputs=self.recipe.inputs,
            means=means,
            scales=scales,
            weights=tuple(weights),
            intercept=intercept,
            clip=self.recipe.clip,
        )

    def state(self) -> LearnerState:
        """Return all that it knows as of now."""
        return LearnerState(
            snapshots=self.snapshots,
            labels=self.labels,
            means=self._standardiser.means(),
            variances=self._standardiser.variances(),
            weights=self._regression.all_weights(),
            accumulators=self._regression.all_accumulators(),
        )

    def _means_and_scales(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if self.recipe.standardised:
            return self._standardiser.means(), self._standardiser.scales()
        return (0.0,) * len(self.recipe.inputs), (1.0,) * len(self.recipe.inputs)


def _demand_finite(row: Sequence[float]) -> None:
    if not math.isfinite(sum(row)):
        raise ValueError(f"a row to learn from has a value that is not finite: {list(row)}")
