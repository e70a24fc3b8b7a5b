"""Logistic regression, learned label by label: river's, with signs that its weights keep to.

The intercept is the weight of an input that is always 1 and comes first; AdaGrad learns it like the
others. (River's own intercept takes plain steps, which follow the last hundred labels.) River adds
up in the order of the dict that it is given, so every dict here is made in the order of the names.
"""

from collections.abc import Sequence

from river.linear_model import LogisticRegression
from river.utils import VectorDict

from domain.learning.adagrad import WarmAdaGrad
from domain.learning.recipe import CONSTANT, Recipe


class SignedRegression(LogisticRegression):
    """A logistic regression on the constant and the inputs of a recipe, from its start weights.

    Equal bit by bit to river's ``LogisticRegression`` with AdaGrad where river can be told the same:
    no signs, start weights and accumulators 0, no intercept but the constant's.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.rule = WarmAdaGrad(recipe.rate, recipe.initial_accumulator)
        super().__init__(optimizer=self.rule, intercept_lr=0.0)
        self.names = (CONSTANT, *recipe.inputs)
        self._weights = VectorDict(dict(zip(self.names, (0.0, *recipe.start_weights), strict=True)))
        signs = list(zip(recipe.inputs, recipe.signs, strict=True))
        self._never_above_zero = [name for name, sign in signs if sign < 0]
        self._never_below_zero = [name for name, sign in signs if sign > 0]

    def learn(self, inputs: Sequence[float], *, churned: bool) -> None:
        """Take one step for a label; ``inputs`` are standardised and in the recipe's order."""
        self.learn_one(dict(zip(self.names, (1.0, *inputs), strict=True)), churned)
        weights = self._weights
        for name in self._never_above_zero:
            weights[name] = min(weights[name], 0.0)
        for name in self._never_below_zero:
            weights[name] = max(weights[name], 0.0)

    def all_weights(self) -> tuple[float, ...]:
        """Return the intercept and then the weights in the order of the inputs."""
        return tuple(self._weights[name] for name in self.names)

    def all_accumulators(self) -> tuple[float, ...]:
        """Return AdaGrad's accumulators, the intercept's first."""
        return self.rule.accumulators(self.names)

    def resume(self, weights: Sequence[float], accumulators: Sequence[float]) -> None:
        """Go on from weights and accumulators of before, the intercept's first."""
        self._weights = VectorDict(dict(zip(self.names, weights, strict=True)))
        self.rule.resume(dict(zip(self.names, accumulators, strict=True)))
