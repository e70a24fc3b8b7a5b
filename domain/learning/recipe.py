"""What is to be learned from what: the configuration of a learner."""

import math

import msgspec

CONSTANT = "(constant)"
"""The name under which the intercept is learned, as the weight of an input that is always 1."""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inputs in their order, what is believed of them beforehand, and how fast that is unlearned.

    ``start_weights`` and ``signs`` stand in the order of ``inputs``. A sign of -1 keeps a weight at
    or below 0, +1 at or above 0, and 0 leaves it free. ``rate`` and ``initial_accumulator`` are
    AdaGrad's. Where inputs are ``standardised``, one whose variance is below ``least_variance`` is
    taken for constant and counts for nothing; else they are used as they come. Either way they are
    clipped at ±``clip``. Raises ``ValueError`` for a recipe that contradicts itself.

    >>> Recipe("silence", ("recency",), (0.5,), (-1,))
    Traceback (most recent call last):
    ...
    ValueError: recipe silence: recency starts at 0.5, which its sign -1 forbids
    """

    title: str
    inputs: tuple[str, ...]
    start_weights: tuple[float, ...]
    signs: tuple[int, ...]
    rate: float = 0.05
    initial_accumulator: float = 1.0
    clip: float = 4.0
    least_variance: float = 1e-12
    standardised: bool = True

    def __post_init__(self) -> None:
        for complaint in self._complaints():
            raise ValueError(f"recipe {self.title}: {complaint}")

    def _complaints(self) -> list[str]:
        lengths = (len(self.inputs), len(self.start_weights), len(self.signs))
        if len(set(lengths)) > 1:
            return ["it has {} inputs, {} start weights and {} signs".format(*lengths)]
        if len({*self.inputs, CONSTANT}) <= len(self.inputs):
            return [f"two inputs have one name, or one is called {CONSTANT}"]
        return [*self._complaints_of_numbers(), *self._complaints_of_weights()]

    def _complaints_of_numbers(self) -> list[str]:
        """Return what is wrong with the rates; 0 or less, NaN and infinity make no learner."""
        above_zero = {"rate": self.rate, "clip": self.clip, "least_variance": self.least_variance}
        wrong = [
            f"{name} is {value}, not above 0"
            for name, value in above_zero.items()
            if not 0 < value < math.inf
        ]
        if not 0 <= self.initial_accumulator < math.inf:
            wrong.append(f"initial_accumulator is {self.initial_accumulator}, below 0")
        return wrong

    def _complaints_of_weights(self) -> list[str]:
        wrong = []
        for name, weight, sign in zip(self.inputs, self.start_weights, self.signs, strict=True):
            if sign not in {-1, 0, 1}:
                wrong.append(f"the sign of {name} is {sign}, not -1, 0 or 1")
            if not math.isfinite(weight):
                wrong.append(f"{name} starts at {weight}")
            if weight * sign < 0:
                wrong.append(f"{name} starts at {weight}, which its sign {sign} forbids")
        return wrong
