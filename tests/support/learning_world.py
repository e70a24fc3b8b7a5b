"""A world in which a projection learns: real folds, the real learner, everything in memory."""

from collections.abc import Sequence

import msgspec

from domain.customer.fold import CustomerFold
from events import codec
from events.calendar import date_of
from events.control import ClockMode, ModelDecided
from infra.course.memory import MemoryCourseStore
from infra.course.port import CourseStore
from infra.log.records import NewFact
from infra.stream.halting import HaltedError
from infra.stream.models import DecidedModels, ModelUndecidedError
from infra.stream.runner import Limits, Partition, PartitionRunner
from services.learning.app import Learning
from tests.support.given import DAY, LOG
from tests.support.population import DAYS, population
from tests.support.world import CREATED, PROJECTION, World

LEARNING = msgspec.structs.replace(CREATED, learner="churn-1")


class LearningWorld(World):
    """One log whose projection learns. `fold` runs all partitions side by side, day by day."""

    def __init__(self, partitions: int = 1, limits: Limits | None = None) -> None:
        super().__init__(partitions, limits)
        self.course: CourseStore = MemoryCourseStore()

    async def create(self) -> "LearningWorld":
        """Create the log on a clock that stands, with one projection that learns and emits live."""
        await self.log.create(LOG, ClockMode.LOG)
        await self.log.create_projection(LEARNING)
        return self

    async def import_all(self, facts: Sequence[NewFact], up_to: int = DAY + DAYS) -> None:
        """Append facts as an import does, and then open the days up to one, as history."""
        await self.log.begin_import("i1", len(facts))
        await self.log.append(facts, "i1", len(facts))
        await self.log.end_import("i1", finished=True)
        await self.log.advance(up_to)

    async def learner(self) -> Learning:
        """The learner, as it is after a start of the process."""
        return await Learning(self.log, self.course, PROJECTION).start()

    async def fold(self) -> None:
        """Run all partitions to their ends, and let the learner decide a day ahead."""
        learner = await self.learner()
        models = DecidedModels(PROJECTION, lambda: self.log.head, learner.decide_next)
        runners = [self._runner(number, models) for number in range(self.log.partitions)]
        try:
            for runner in runners:
                await runner.start()
            while await _advance_all(runners) or await learner.decide_next():
                pass
        finally:
            for runner in runners:
                runner.close()

    def decisions(self) -> tuple[ModelDecided, ...]:
        """What was decided, a decision a day."""
        assert self.log.head is not None
        return self.log.head.decisions.get(PROJECTION, ())

    def models(self) -> dict[str, bytes]:
        """The bytes of each decision, by its day."""
        return {str(decided.day): codec.encode(decided) for decided in self.decisions()}

    def _runner(self, number: int, models: DecidedModels) -> PartitionRunner:
        return PartitionRunner(
            Partition(PROJECTION, number),
            CustomerFold("GBP"),
            self.log,
            self.stores[number],
            self.limits,
            models,
        )


async def _advance_all(runners: Sequence[PartitionRunner]) -> int:
    """Let each partition go as far as it can; who is ahead waits for the others' day to close."""
    before = [runner.position for runner in runners]
    passed = 0
    for runner in runners:
        try:
            passed += await runner.advance()
        except HaltedError as error:
            if not isinstance(error.__cause__, ModelUndecidedError):
                raise
    return passed or before != [runner.position for runner in runners]


async def learned(
    facts: Sequence[NewFact] | None = None, partitions: int = 1, up_to: int = DAY + DAYS
) -> LearningWorld:
    """A world into which a population was imported, and which was folded and learned to its end."""
    world = await LearningWorld(partitions).create()
    await world.import_all(population() if facts is None else facts, up_to)
    await world.fold()
    return world


def undecided(day: int) -> ModelDecided:
    """The decision that a day's model stays as it was."""
    return ModelDecided(PROJECTION, date_of(day))
