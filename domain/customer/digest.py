"""One digest of all that a fold made: equal for any partition count, worker count and mode.

It covers every customer's state and, of its signals, what was said when and why; not positions,
wall times or the way the outputs were cut into commits.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import assert_never

import msgspec

from domain.customer import state as states
from domain.customer.state import CustomerState
from events import codec
from events.figures import ChurnFigures, ConsumptionFigures, Figures, SilenceFigures
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    RiskCleared,
    RiskRaised,
    SignalReason,
)
from events.values import CustomerId


class FoldDigest:
    """Takes customers in the order of their ids and ends in 64 hexadecimal digits."""

    def __init__(self) -> None:
        self._hasher = sha256()
        self._last = ""

    def add(
        self, customer_id: CustomerId, state: CustomerState, outputs: Iterable[msgspec.Struct]
    ) -> None:
        """Add a customer. Raises ``ValueError`` where ids do not ascend."""
        if customer_id <= self._last:
            raise ValueError(f"{customer_id} comes after {self._last}")
        self._last = customer_id
        lines = sorted(line for output in outputs for line in _signal_lines(output))
        self._hasher.update(codec.digest(customer_id.encode(), states.encode(state), *lines))

    def hexdigest(self) -> str:
        """Return the digest of all customers added so far."""
        return self._hasher.hexdigest()


def _signal_lines(output: msgspec.Struct) -> Iterable[bytes]:
    match output:
        case AnomalyRaised(day=day, reason=reason, figures=figures, detector=detector):
            score = "" if output.churn is None else f" {_strength(output.churn)}"
            yield f"{day} {reason} raised {_strength(figures)} {detector}{score}".encode()
        case AnomalyCleared(day=day, reason=reason, figures=figures, detector=detector):
            yield f"{day} {reason} cleared {_strength(figures)} {detector}".encode()
        case RiskRaised(day=day, figures=figures):
            yield f"{day} {SignalReason.CHURN_RISK} raised {_strength(figures)}".encode()
        case RiskCleared(day=day, because=because, figures=figures):
            yield f"{day} {SignalReason.CHURN_RISK} {because} {_strength(figures)}".encode()
        case _:
            return


def _strength(figures: Figures) -> str:
    """Return what a signal was decided by, to the last bit."""
    match figures:
        case SilenceFigures():
            return repr(figures.surprise)
        case ConsumptionFigures():
            return f"{figures.service} {figures.unit} {figures.deviation!r} {figures.evidence!r}"
        case ChurnFigures():
            return f"{figures.log_odds!r} {figures.model}"
        case _ as never:
            assert_never(never)
