"""What a course store does for the learner. Implemented by `memory`, `sqlite` and `postgres`."""

from typing import Protocol

import msgspec

from domain.learning.course import CourseState


class Progress(msgspec.Struct, frozen=True):
    """How far a course is, committed together with what it knows.

    ``day`` is the last one gone through. The cursors are the last sequences read of each partition:
    ``taken`` of the snapshots of that day, ``earlier`` of those a horizon before.
    """

    day: int
    taken: tuple[int, ...]
    earlier: tuple[int, ...]
    state: CourseState


class CourseStore(Protocol):
    """The course of one projection."""

    async def load(self) -> Progress | None:
        """Return what was committed last; None before the first day."""
        ...

    async def commit(self, progress: Progress) -> None:
        """Keep a day's progress, all or nothing."""
        ...

    async def close(self) -> None:
        """Let go of files and threads."""
        ...
