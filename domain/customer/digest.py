"""One digest of all that a fold made: equal for any partition count, worker count and mode.

It covers every customer's state and, of its signals, what was said when and why; not positions,
wall times or the way the outputs were cut into commits.
"""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from domain.customer import state as states
from domain.customer.state import CustomerState
from events import codec
from events.signals import AnomalyCleared, AnomalyRaised
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
            yield f"{day} {reason} raised {figures.surprise!r} {detector}".encode()
        case AnomalyCleared(day=day, reason=reason, figures=figures, detector=detector):
            yield f"{day} {reason} cleared {figures.surprise!r} {detector}".encode()
        case _:
            return
