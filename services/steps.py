"""How far a long command has come, told stage by stage. Light: what only looks or copies uses it too."""

from collections.abc import Callable

import msgspec


class Step(msgspec.Struct, frozen=True):
    """How far a stage has come, in whatever the stage counts."""

    stage: str
    done: int
    total: int


Report = Callable[[Step], None]
