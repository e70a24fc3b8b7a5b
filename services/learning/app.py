"""The learner of a projection: goes through the closed days, one after the other, and decides."""

import asyncio
from typing import Self

import structlog

from domain.detection.churn_syllabus import CHURN
from domain.learning.course import Course, Decision, beginning
from events.calendar import date_of
from events.control import ModelDecided
from infra.course.port import CourseStore, Progress
from infra.course.sqlite import SqliteCourseStore
from infra.folder import DataFolder
from infra.log.port import EventLog
from services.learning.snapshot_days import (
    BEFORE_ALL,
    DayMissingError,
    SnapshotDay,
    closes,
    read_day,
)

logger = structlog.get_logger()


class Learning:
    """Learns for one projection. It writes its decision first, and then how far it has come.

    Broken off in between, it goes through the same day again and decides the same; the first
    decision stands. A store that was lost begins anew: the snapshots are all there.
    """

    def __init__(self, log: EventLog, store: CourseStore, projection: str) -> None:
        self._log = log
        self._store = store
        self._projection = projection
        self._progress: Progress | None = None
        self._course: Course | None = None

    @classmethod
    async def open(cls, folder: DataFolder, log: EventLog, projection: str) -> Self:
        """Take up the course of a projection. Raises `StoreError`."""
        store = await SqliteCourseStore.open(folder.course(projection))
        learning = cls(log, store, projection)
        try:
            await learning.start()
        except BaseException:
            await store.close()
            raise
        return learning

    async def start(self) -> Self:
        """Take up what was committed last; begin anew where that is of another log than this one.

        So it goes on by itself when an older copy of the log was restored.
        """
        self._progress, self._course = await self._store.load(), None
        found = self._progress
        if found is None:
            return self
        if not await closes(self._log, self._projection, found.taken, found.day):
            logger.warning(
                "what was learned does not belong to this log: it is learned anew",
                projection=self._projection,
                learned_up_to=str(date_of(found.day)),
            )
            self._progress = None
        return self

    async def decide_next(self) -> bool:
        """Go through the next closed day and decide the model of the day after it.

        Returns False where the next day is not closed yet. Raises `DayMissingError`.
        """
        head = self._log.head
        if head is None or head.first_day is None:
            return False
        first_day = head.first_day
        progress = self._progress or self._beginning(first_day)
        day = progress.day + 1
        taken = await read_day(self._log, self._projection, progress.taken, day)
        if taken is None:
            return False
        earlier = await self._earlier(progress, day - CHURN.horizon_days, first_day)
        course = self._course or Course(CHURN, first_day, progress.state)
        self._course = None  # where it is broken off, it is made anew of what was committed
        decision = await asyncio.to_thread(
            course.go_through, day, taken.snapshots, earlier.snapshots
        )
        await self._write(decision, day + 1)
        self._course = course
        self._progress = Progress(day, taken.cursors, earlier.cursors, course.state)
        await self._store.commit(self._progress)
        return True

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()

    def _beginning(self, first_day: int) -> Progress:
        nothing_read = (BEFORE_ALL,) * self._log.partitions
        return Progress(first_day - 1, nothing_read, nothing_read, beginning(CHURN.recipe))

    async def _earlier(self, progress: Progress, day: int, first_day: int) -> SnapshotDay:
        """Return the snapshots of a horizon ago; none where the log was not there yet."""
        if day < first_day:
            return SnapshotDay((), progress.earlier)
        found = await read_day(self._log, self._projection, progress.earlier, day)
        if found is None:
            raise DayMissingError(self._projection, day, "nothing comes after the day before")
        return found

    async def _write(self, decision: Decision, day: int) -> None:
        if decision.refused is not None:
            logger.warning(
                "a learned model was not taken, the one that stands stays",
                projection=self._projection,
                day=str(date_of(day)),
                reason=decision.refused,
            )
        await self._log.decide_model(
            ModelDecided(self._projection, date_of(day), decision.model, decision.refused)
        )
