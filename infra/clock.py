"""The one place that asks the machine for the time, and for an id that cannot be derived."""

import time
import uuid
from typing import Protocol


class Clock(Protocol):
    """Tells the wall's time."""

    def now(self) -> int:
        """Return microseconds since the epoch."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """Return microseconds since the epoch."""
        return time.time_ns() // 1000  # noqa: TID251 - this is the clock port's one implementation


def fresh_id() -> str:
    """Return a new random UUID, for things that are born here: logs, imports."""
    return str(uuid.uuid4())  # noqa: TID251 - the one place where ids are not derived
