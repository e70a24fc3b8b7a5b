"""Inputs in standard deviations from their means, clipped: the first half of every score.

One row or many give the same bits: a batch does the same IEEE operations element by element.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Standardisation:
    """clip((x - mean) · scale, ±clip) for each input. Made once a model; it never changes."""

    __slots__ = ("_clip", "_means", "_parts", "_scales")

    def __init__(self, means: Sequence[float], scales: Sequence[float], clip: float) -> None:
        self._clip = clip
        self._parts = tuple(zip(means, scales, strict=True))
        self._means = np.array(means, dtype=np.float64)
        self._scales = np.array(scales, dtype=np.float64)

    def of_row(self, row: Sequence[float]) -> list[float]:
        """Return the inputs of a row of values. Raises ``ValueError`` for another length.

        >>> Standardisation((3.0, 0.0), (0.5, 0.0), 4.0).of_row((5.0, 9.0))
        [1.0, 0.0]
        """
        most = self._clip
        least = -most
        inputs = []
        for value, (mean, scale) in zip(row, self._parts, strict=True):
            deviation = (value - mean) * scale
            if deviation > most:
                deviation = most
            elif deviation < least:
                deviation = least
            inputs.append(deviation)
        return inputs

    def summed(self, row: Sequence[float], weights: Sequence[float], start: float) -> float:
        """Return ``start`` plus each input of a row times its weight, added up in their order.

        The same as going through `of_row`, without a list between. Raises ``ValueError`` for another
        length.
        """
        most, total = self._clip, start
        least = -most
        for value, (mean, scale), weight in zip(row, self._parts, weights, strict=True):
            deviation = (value - mean) * scale
            if deviation > most:
                deviation = most
            elif deviation < least:
                deviation = least
            total += deviation * weight
        return total

    def of_rows(self, rows: Floats) -> Floats:
        """Return (n, k) inputs of (n, k) values. Raises ``ValueError`` for another shape."""
        if rows.ndim != 2 or rows.shape[1] != len(self._parts):
            raise ValueError(f"rows of shape {rows.shape} for {len(self._parts)} inputs")
        deviations: Floats = (rows - self._means) * self._scales
        np.clip(deviations, -self._clip, self._clip, out=deviations)
        return deviations
