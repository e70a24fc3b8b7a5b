"""How often Python looks for garbage that its reference counts do not find."""

import gc

YOUNG, MIDDLE, OLD = 10_000, 10, 50
"""Objects made until the youngest are looked through, and rounds until the older ones are."""


def collect_seldom() -> None:
    """Look for cycles seldom, and never in what stands by now: the modules that were loaded.

    A service holds hundreds of thousands of records and states, none of which is part of a cycle.
    Looking through all of them again and again takes an eighth of the time in which they are folded.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
