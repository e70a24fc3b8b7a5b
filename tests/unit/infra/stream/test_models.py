"""The models of a runner: the start model first, then what was decided; a day waits for its own."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from domain.customer.fold import CustomerFold
from domain.detection.churn_recipe import START_MODEL
from domain.detection.day_model import START, DayModel
from events.calendar import date_of
from events.control import ModelDecided
from events.models import ChurnModel
from events.snapshots import SnapshotTaken
from infra.log.head import LogHead, evolve
from infra.log.memory import MemoryLog
from infra.stream.halting import HaltedError
from infra.stream.models import (
    DecidedModels,
    LearnerStoppedError,
    ModelUndecidedError,
    StartModels,
    model_history,
)
from infra.stream.runner import Limits, Partition, PartitionRunner
from tests.support.given import DAY, LOG, order
from tests.support.learning_world import LearningWorld, undecided
from tests.support.world import PROJECTION, World, awaited, decoded


def model(snapshots: int) -> ChurnModel:
    """A model that is told by how many snapshots it has seen."""
    return msgspec.structs.replace(START_MODEL, snapshots=snapshots)


def decided(day: int, snapshots: int) -> ModelDecided:
    return ModelDecided(PROJECTION, date_of(day), model(snapshots))


class Deciding:
    """A log's head, and a learner that decides from a list, one day at a time."""

    def __init__(self, *to_come: ModelDecided, head: LogHead | None = None) -> None:
        opened = msgspec.structs.replace(evolve(None, LOG), first_day=DAY, open_day=DAY + 9)
        self.head: LogHead | None = opened if head is None else head
        self.asked = 0
        self._to_come = list(to_come)

    async def decide_next(self) -> bool:
        self.asked += 1
        await asyncio.sleep(0)
        if not self._to_come:
            return False
        self.head = evolve(self.head, self._to_come.pop(0))
        return True

    def models(self) -> DecidedModels:
        return DecidedModels(PROJECTION, lambda: self.head, self.decide_next)


@awaited
async def test_what_does_not_learn_has_the_start_model_every_day() -> None:
    assert await StartModels().of(DAY) is START
    assert await StartModels().of(DAY + 1_000) is START


@awaited
async def test_the_first_day_has_the_start_model_and_waits_for_nobody() -> None:
    deciding = Deciding()

    assert await deciding.models().of(DAY) is START
    assert deciding.asked == 0


@awaited
async def test_a_log_without_a_day_has_the_start_model() -> None:
    deciding = Deciding(head=evolve(None, LOG))
    assert await deciding.models().of(DAY) is START

    deciding.head = None
    assert await deciding.models().of(DAY) is START


@awaited
async def test_an_undecided_day_lets_the_learner_go_on_until_it_is_decided() -> None:
    deciding = Deciding(*[decided(DAY + day, day) for day in range(1, 6)])

    assert (await deciding.models().of(DAY + 3)).model == model(3)
    assert deciding.asked == 3, "no further than needed"


@awaited
async def test_a_decided_day_asks_nobody() -> None:
    deciding = Deciding(decided(DAY + 1, 1), decided(DAY + 2, 2))
    models = deciding.models()
    await models.of(DAY + 2)

    assert (await models.of(DAY + 1)).model == model(1)
    assert (await models.of(DAY + 2)).model == model(2)
    assert deciding.asked == 2


@awaited
async def test_a_day_that_stays_as_it_was_has_the_model_before_it() -> None:
    deciding = Deciding(undecided(DAY + 1), decided(DAY + 2, 2), undecided(DAY + 3))
    models = deciding.models()

    assert await models.of(DAY + 1) is START
    assert (await models.of(DAY + 3)).model == model(2)


@awaited
async def test_a_decision_of_somebody_else_is_taken_up() -> None:
    deciding = Deciding(decided(DAY + 1, 1))
    models = deciding.models()
    await models.of(DAY + 1)
    deciding.head = evolve(deciding.head, decided(DAY + 2, 2))

    assert (await models.of(DAY + 2)).model == model(2)


@awaited
async def test_decisions_of_other_projections_do_not_count() -> None:
    other = ModelDecided("second", date_of(DAY + 1), model(9))
    deciding = Deciding(other, decided(DAY + 1, 1))

    assert (await deciding.models().of(DAY + 1)).model == model(1)


@awaited
async def test_where_the_learner_has_nothing_to_go_on_it_is_said() -> None:
    deciding = Deciding(decided(DAY + 1, 1))
    wanted = f"the model of {date_of(DAY + 2)} is not decided, .*`holdfast rebuild`"

    with pytest.raises(ModelUndecidedError, match=wanted):
        await deciding.models().of(DAY + 2)


def test_readers_find_the_same_models_in_the_head() -> None:
    head = evolve(evolve(None, LOG), decided(DAY + 1, 1))

    assert model_history(head, PROJECTION).of(DAY + 5).model == model(1)
    assert model_history(head, "second").of(DAY + 5) is START


class Scored:
    """A world whose models are decided beforehand, and the models by which it scored."""

    def __init__(self, world: World, *, customers_a_commit: int) -> None:
        self.world = world
        self.limits = Limits(customers_a_commit=customers_a_commit)

    def runner(self, decide_next: Callable[[], object] | None = None) -> PartitionRunner:
        models = DecidedModels(PROJECTION, lambda: self.world.log.head, decide_next or nothing)  # type: ignore[arg-type]  # each is a coroutine function
        fold, log, store = CustomerFold("GBP"), self.world.log, self.world.stores[0]
        return PartitionRunner(Partition(PROJECTION, 0), fold, log, store, self.limits, models)

    def by_day(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for event in map(decoded, self.world.said()):
            if isinstance(event, SnapshotTaken):
                found.setdefault(str(event.day), set()).add(event.model)
        return found


async def nothing() -> bool:
    return False


async def two_weeks(*, decide_up_to: int) -> LearningWorld:
    """Forty customers, two weeks opened, and a model of its own decided for each of the first days."""
    world = await LearningWorld().create()
    await world.append([order(f"c{number}", DAY) for number in range(40)])
    for day in range(1, decide_up_to + 1):
        await world.log.decide_model(decided(DAY + day, day))
    await world.log.advance(DAY + 14)
    return world


WANTED = {
    str(date_of(DAY + day)): {DayModel(model(day)).version if day else START.version}
    for day in range(1, 15)
}


@pytest.mark.parametrize("customers_a_commit", [1, 3, 2_000])
@awaited
async def test_every_score_is_by_the_model_of_its_day(customers_a_commit: int) -> None:
    scored = Scored(await two_weeks(decide_up_to=14), customers_a_commit=customers_a_commit)
    runner = scored.runner()
    try:
        await (await runner.start()).catch_up()
    finally:
        runner.close()

    assert scored.by_day() == WANTED


class StoppedError(Exception):
    """The process ends here."""


@awaited
async def test_taken_up_in_the_middle_of_a_day_it_scores_by_the_model_of_that_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scored = Scored(await two_weeks(decide_up_to=14), customers_a_commit=1)
    store, restarts = scored.world.stores[0], 0
    commit = store.commit

    async def committing(*given: object) -> None:
        await commit(*given)  # type: ignore[arg-type]  # passed on as they came
        raise StoppedError

    monkeypatch.setattr(store, "commit", committing)
    in_the_middle = 0
    for _ in range(1_000):
        runner = scored.runner()
        try:
            await (await runner.start()).catch_up()
            break
        except StoppedError:
            restarts += 1
            in_the_middle += runner.position.last_customer is not None
        finally:
            runner.close()

    assert restarts > 100
    assert in_the_middle > 20
    assert scored.by_day() == WANTED


@awaited
async def test_an_undecided_day_stops_the_partition_after_all_that_came_before() -> None:
    scored = Scored(await two_weeks(decide_up_to=6), customers_a_commit=2_000)
    runner = scored.runner()
    try:
        await runner.start()
        with pytest.raises(HaltedError, match=f"stands still .* {date_of(DAY + 7)} is not decided"):
            await runner.catch_up()
        assert runner.position.open_day == DAY + 6

        for day in range(7, 15):
            await scored.world.log.decide_model(decided(DAY + day, day))
        await runner.catch_up()
    finally:
        runner.close()

    assert scored.by_day() == WANTED


@awaited
async def test_a_learner_that_cannot_go_on_stops_the_partition_with_its_reason() -> None:
    async def stopped() -> bool:
        raise LearnerStoppedError("its snapshots are gone")

    scored = Scored(await two_weeks(decide_up_to=0), customers_a_commit=2_000)
    runner = scored.runner(stopped)
    try:
        with pytest.raises(HaltedError, match="stands still at offset 43: its snapshots are gone"):
            await (await runner.start()).catch_up()
    finally:
        runner.close()


@awaited
async def test_where_nothing_learns_a_runner_waits_for_nothing() -> None:
    world = await World().create()
    await world.append([order("anna", DAY)])
    await world.log.advance(DAY + 14)
    await world.fold()

    assert isinstance(world.log, MemoryLog)
    taken = [event for event in map(decoded, world.said()) if isinstance(event, SnapshotTaken)]
    assert {snapshot.model for snapshot in taken} == {START.version}
