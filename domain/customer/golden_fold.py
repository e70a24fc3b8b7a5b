"""What the fold makes of the golden history."""

from collections.abc import Sequence

import msgspec

from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold, Step
from domain.customer.golden_history import Arrival, golden_history
from domain.customer.golden_metering import golden_feeds
from domain.customer.state import CustomerState
from events import codec
from events.values import CustomerId

DAYS = 200
_ID = CustomerId("00000000-0000-5000-8000-000000000001")


class GoldenFold:
    """The golden history, folded: every state on the way, and all that was said."""

    def __init__(self, fold: CustomerFold) -> None:
        self.states: list[bytes] = []
        self.outputs: list[msgspec.Struct] = []
        self._state: CustomerState | None = None
        history = golden_history(fold.currency)
        for today in range(DAYS):
            self._pass_day(fold, today, [arrival for arrival in history if arrival[1] == today])

    def digest(self) -> bytes:
        """Return the digest of all of it, and of the customer as two projections compare it."""
        compared = FoldDigest()
        if self._state is not None:
            compared.add(_ID, self._state, self.outputs)
        outputs = [codec.encode(output) for output in self.outputs]
        return codec.digest(*self.states, *outputs, compared.hexdigest().encode())

    def _pass_day(self, fold: CustomerFold, today: int, arrivals: Sequence[Arrival]) -> None:
        """Fold a day; as if it ended with a live mark, what stands is said each evening."""
        if self._state is not None:
            feeds = golden_feeds(today)
            self._take(fold.due_day(_ID, self._state, today, feeds=feeds))
        for day, _, event in arrivals:
            self._take(fold.fact(_ID, self._state, event, day, today))
        if self._state is not None:
            self.outputs += fold.standings(_ID, self._state, today)

    def _take(self, step: Step) -> None:
        self._state = step.state
        self.states.append(states.encode(step.state))
        self.outputs += step.outputs
