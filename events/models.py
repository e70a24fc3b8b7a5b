"""What a churn model consists of, as ``crm.control`` carries it: all that a scorer needs, and whence."""

import datetime

import msgspec


class LinearScorer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A linear model on standardised, clipped inputs, which stand in the order of ``inputs``.

    The contribution of input j is ``weights[j] · clip((x[j] - means[j]) · scales[j], ±clip)``; the
    log-odds are ``intercept`` plus all contributions, added in this order. A scale is 1 / standard
    deviation, and 0 for an input that never varied.
    """

    inputs: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    clip: float


class CutPoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where value segments part: medians and upper fifths over the active customers.

    ``stake`` in minor units over the horizon, ``volume`` in purchase days over it.
    """

    stake_middle: float
    stake_high: float
    volume_middle: float
    volume_high: float


class ChurnModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model for a day, and what it was learned from. Its name is the hash of its content.

    ``labels`` matured ones were learned, of snapshots taken from ``first_label_day`` to
    ``last_label_day``; ``snapshots`` fed the standardisation. ``log_loss`` is the live one: of the
    scores given when the snapshots were taken, decayed with a half-life of 28 days, in nats; None
    before the first label. ``cut_points`` is None before the first snapshot.
    """

    recipe: str
    scorer: LinearScorer
    snapshots: int
    labels: int
    first_label_day: datetime.date | None
    last_label_day: datetime.date | None
    log_loss: float | None
    cut_points: CutPoints | None
