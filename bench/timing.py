"""Timing short pieces of work in turn, so that a busy machine slows figure and baseline alike."""

import time
from collections.abc import Callable

import msgspec

Work = Callable[[], object]


class Timed(msgspec.Struct, frozen=True):
    """Microseconds a call, one value a repeat, of a piece of work and of its baseline."""

    work: tuple[float, ...]
    baseline: tuple[float, ...]


def in_turn(work: Work, baseline: Work, calls: int, repeats: int) -> Timed:
    """Run both ``repeats`` times, one after the other; each of them makes ``calls`` calls inside."""
    taken = [(_microseconds(work) / calls, _microseconds(baseline) / calls) for _ in range(repeats)]
    return Timed(tuple(own for own, _ in taken), tuple(other for _, other in taken))


def _microseconds(work: Work) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e6
