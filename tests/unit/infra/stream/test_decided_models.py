"""Which model a runner scores by: it waits for a day's decision, and says so where none will come."""

import pytest

from domain.detection.day_model import START
from events.calendar import date_of
from events.control import ModelDecided
from events.signals import RiskRaised
from infra.stream.halting import HaltedError
from infra.stream.models import DecidedModels, ModelUndecidedError, StartModels, model_history
from tests.support.given import DAY, order, usage
from tests.support.models import BY_RECENCY, by_recency, decisions
from tests.support.world import PROJECTION, World, awaited, decoded, fold_partition

OTHER = by_recency(weight=1.0)


async def a_world(*decided: ModelDecided) -> World:
    world = await World().create(decided or decisions({0: None}))
    await world.log.append([order("anna", DAY)])
    return world


class Pupil:
    """A learner that has so many decisions to make, and counts how often it is asked."""

    def __init__(self, world: World, *ahead: ModelDecided) -> None:
        self.world = world
        self.ahead = list(ahead)
        self.asked = 0

    async def decide_next(self) -> bool:
        self.asked += 1
        if not self.ahead:
            return False
        await self.world.log.decide_model(self.ahead.pop(0))
        return True


def models_of(world: World, pupil: Pupil) -> DecidedModels:
    return DecidedModels(PROJECTION, lambda: world.log.head, pupil.decide_next)


@awaited
async def test_where_nothing_learns_it_is_the_start_model_every_day() -> None:
    models = StartModels()

    assert await models.of(DAY) is await models.of(DAY + 9_000) is START


@awaited
async def test_the_first_day_waits_for_nothing() -> None:
    world = await a_world()
    pupil = Pupil(world)

    assert await models_of(world, pupil).of(DAY) is START
    assert pupil.asked == 0


@awaited
async def test_what_is_decided_is_asked_of_nobody() -> None:
    world = await a_world(*decisions({0: None, 3: BY_RECENCY, 5: OTHER}))
    pupil = Pupil(world)
    models = models_of(world, pupil)

    names = [(await models.of(DAY + day)).version for day in range(6)]

    assert names == [START.version] * 3 + [BY_RECENCY.version] * 2 + [OTHER.version]
    assert pupil.asked == 0


@awaited
async def test_it_lets_the_learner_go_on_until_the_day_is_decided() -> None:
    world = await a_world()
    pupil = Pupil(world, *decisions({1: BY_RECENCY, 2: None, 3: OTHER, 4: BY_RECENCY}))

    model = await models_of(world, pupil).of(DAY + 3)

    assert model.version == OTHER.version
    assert pupil.asked == 3


@awaited
async def test_where_the_learner_has_nothing_to_go_on_it_says_which_day_is_not_decided() -> None:
    world = await a_world()
    pupil = Pupil(world, *decisions({1: BY_RECENCY}))

    with pytest.raises(
        ModelUndecidedError, match=f"projection first: the model of {date_of(DAY + 2)}"
    ):
        await models_of(world, pupil).of(DAY + 2)
    assert pupil.asked == 2


@awaited
async def test_the_first_decision_for_a_day_stands() -> None:
    world = await a_world(*decisions({0: None, 2: BY_RECENCY}))
    await world.log.decide_model(*decisions({2: OTHER}))

    assert (await models_of(world, Pupil(world)).of(DAY + 2)).version == BY_RECENCY.version


@awaited
async def test_a_runner_that_waits_for_a_model_has_committed_all_before_that_day() -> None:
    world = await a_world(*decisions({0: None, 1: None}))
    await world.log.advance(DAY + 3)

    with pytest.raises(HaltedError, match="is not decided"):
        await fold_partition(world.log, world.stores[0])

    position = await world.stores[0].position()
    assert position.open_day == DAY + 1

    await world.log.decide_model(*decisions({3: BY_RECENCY}))
    await world.fold()
    assert (await world.stores[0].position()).open_day == DAY + 3


@awaited
async def test_a_runner_taken_up_within_a_day_scores_by_the_model_of_that_day() -> None:
    # given a silence of 38 days, and a runner that ended when the day was opened
    world = await World().create(decisions({0: None, 30: BY_RECENCY, 90: None}))
    await world.log.append([order("anna", DAY), order("anna", DAY + 2)])
    await world.log.advance(DAY + 40)
    await world.fold()

    # when the next one folds a fact of that day
    await world.log.append([usage("anna", DAY + 40, "mobile-data", 1.5)])
    await world.fold()

    # then it scores by the model that was decided for it
    (raised,) = [e for e in map(decoded, world.said()) if isinstance(e, RiskRaised)]
    assert (raised.day, raised.figures.model) == (date_of(DAY + 40), BY_RECENCY.version)
    assert world.log.head is not None
    assert model_history(world.log.head, PROJECTION).of(DAY + 40).version == BY_RECENCY.version
