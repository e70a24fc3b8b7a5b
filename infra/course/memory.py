"""A course in memory, lost with the process. For tests and for trying things out."""

from infra.course.port import Progress


class MemoryCourseStore:
    """`CourseStore` in a variable."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    async def load(self) -> Progress | None:
        """Return what was committed last; None before the first day."""
        return self._progress

    async def commit(self, progress: Progress) -> None:
        """Keep a day's progress."""
        self._progress = progress

    async def close(self) -> None:
        """Nothing is held."""
