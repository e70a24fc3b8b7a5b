"""A board on which the parts of a process show that they live, what they wait for, and why they stand.

It is written by the event loop and by threads, and read by the thread of `server.py`: so it answers
also while the loop hangs, and that is what it is there to tell.
"""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

import msgspec

SECONDS_OF_SILENCE = 10.0
"""A part that is at work and has shown no life for so long hangs."""


class Condition(StrEnum):
    """How a part does."""

    WORKING = "working"
    WAITING = "waiting"
    HALTED = "halted"
    HUNG = "hung"


class PartReport(msgspec.Struct, frozen=True):
    """How one part does, why, and for how many seconds it has shown no life."""

    part: str
    condition: Condition
    reason: str
    silent_seconds: float


class HealthReport(msgspec.Struct, frozen=True):
    """A process as of one moment.

    It is ``live`` unless a part hangs: then it wants to be started anew. It is ``ready`` where no
    part waits for something outside, or stands still at what it cannot pass.
    """

    live: bool
    ready: bool
    parts: tuple[PartReport, ...]


class _Part(msgspec.Struct, frozen=True):
    condition: Condition
    reason: str
    at: float


class HealthBoard:
    """The parts of one process. Every method may be called from any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._parts: dict[str, _Part] = {}
        self._lock = threading.Lock()

    def beat(self, part: str) -> None:
        """Show that a part is at work. It must do so again within `SECONDS_OF_SILENCE`."""
        self._set(part, Condition.WORKING, "")

    def waits(self, part: str, reason: str) -> None:
        """Show what a part waits for; it may do so for as long as that takes."""
        self._set(part, Condition.WAITING, reason)

    def halted(self, part: str, reason: str) -> None:
        """Show that a part stands still until a person does something; the reason says what."""
        self._set(part, Condition.HALTED, reason)

    def leave(self, part: str) -> None:
        """Take a part off the board: it ended as it should."""
        with self._lock:
            self._parts.pop(part, None)

    def report(self) -> HealthReport:
        """Return how the process does now."""
        now = self._monotonic()
        with self._lock:
            parts = sorted(self._parts.items())
        reports = tuple(_report(name, part, now) for name, part in parts)
        found = {report.condition for report in reports}
        live = Condition.HUNG not in found
        return HealthReport(live, live and found <= {Condition.WORKING}, reports)

    def _set(self, name: str, condition: Condition, reason: str) -> None:
        part = _Part(condition, reason, self._monotonic())
        with self._lock:
            self._parts[name] = part


def _report(name: str, part: _Part, now: float) -> PartReport:
    silent = now - part.at
    hangs = part.condition is Condition.WORKING and silent > SECONDS_OF_SILENCE
    return PartReport(
        name,
        Condition.HUNG if hangs else part.condition,
        f"no sign of life for {silent:.0f} s" if hangs else part.reason,
        round(silent, 3),
    )
