"""AdaGrad whose accumulators start above 0, so that the first steps are no leaps.

w -= rate · g / √(accumulator + 1e-8), where the accumulator is its start value plus the sum of all
g² so far (Duchi, Hazan, Singer 2011). River's own starts at 0: there the first step of a weight is
the whole rate, however small the gradient.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from river.optim import AdaGrad


class WarmAdaGrad(AdaGrad):
    """River's AdaGrad, equal to it bit by bit where ``initial_accumulator`` is 0."""

    def __init__(self, lr: float, initial_accumulator: float) -> None:
        super().__init__(lr)
        self.initial_accumulator = initial_accumulator
        self.g2 = defaultdict(partial(float, initial_accumulator))

    def accumulators(self, names: Sequence[str]) -> tuple[float, ...]:
        """Return the accumulators of these weights, in their order."""
        return tuple(self.g2[name] for name in names)

    def resume(self, accumulators: dict[str, float]) -> None:
        """Go on from accumulators of before, which no step has been taken since."""
        self.g2.update(accumulators)
