"""Running means and variances of the inputs: what is usual, learned without labels.

River's ``StandardScaler``: Welford's running mean and population variance. What it does not have is
a least variance. An input that never varied has a variance of rounding errors, and dividing by their
root would turn the first true difference into an enormous one.
"""

from collections.abc import Sequence

from river.preprocessing import StandardScaler


class Standardiser:
    """Means and scales of named inputs, a scale being 1 / standard deviation."""

    def __init__(self, inputs: tuple[str, ...], least_variance: float) -> None:
        self.inputs = inputs
        self.least_variance = least_variance
        self.fed = 0
        self._scaler = StandardScaler()

    def feed(self, row: Sequence[float]) -> None:
        """Count a row in, with its values in the order of the inputs."""
        self._scaler.learn_one(dict(zip(self.inputs, row, strict=True)))
        self.fed += 1

    def means(self) -> tuple[float, ...]:
        """Return the means so far, 0 before the first row."""
        return tuple(self._scaler.means[name] for name in self.inputs)

    def variances(self) -> tuple[float, ...]:
        """Return the population variances so far, 0 before the second row."""
        return tuple(self._scaler.vars[name] for name in self.inputs)

    def scales(self) -> tuple[float, ...]:
        """Return 1 / standard deviation of each input, and 0 for one that never varied."""
        return tuple(
            1.0 / variance**0.5 if variance >= self.least_variance else 0.0
            for variance in self.variances()
        )

    def resume(self, fed: int, means: Sequence[float], variances: Sequence[float]) -> None:
        """Go on from what was learned of ``fed`` rows before."""
        self.fed = fed
        self._scaler.counts.update(dict.fromkeys(self.inputs, fed))
        self._scaler.means.update(zip(self.inputs, means, strict=True))
        self._scaler.vars.update(zip(self.inputs, variances, strict=True))
