"""The learner of a projection: one decision a day, the same ones however often it is broken off."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from structlog.testing import capture_logs

from domain.customer.fold import CustomerFold
from domain.detection.day_model import ModelHistory
from domain.learning import course
from domain.learning.admission import Losses, RefusalReason, Refused
from events.calendar import date_of, day_number
from events.control import ModelDecided
from events.snapshots import DayClosed, SnapshotTaken
from events.values import CustomerId
from infra.course.memory import MemoryCourseStore
from infra.course.port import CourseStore, Progress
from infra.stream.sequence import sequence
from services.learning.app import Learning
from services.learning.snapshot_days import DayMissingError
from tests.support.crashes import CrashError
from tests.support.given import DAY, id_of
from tests.support.learning_world import LearningWorld, learned
from tests.support.population import DAYS, population
from tests.support.world import PROJECTION, awaited, decoded

A_MONTH = 28


class SpoiltCourseStore:
    """A store whose commits break off once each: ``before`` the day is kept, or just after."""

    def __init__(self, inner: CourseStore, *, before: bool) -> None:
        self.inner = inner
        self.crashes = 0
        self._before = before
        self._spared = 0

    async def load(self) -> Progress | None:
        return await self.inner.load()

    async def commit(self, progress: Progress) -> None:
        if self._before and self._spared < progress.day:
            self._spared = progress.day
            self.crashes += 1
            raise CrashError
        await self.inner.commit(progress)
        if not self._before:
            self.crashes += 1
            raise CrashError

    async def close(self) -> None:
        await self.inner.close()


def break_off_deciding(world: LearningWorld, *, before: bool) -> list[int]:
    """Let every decision break off once; return a list that grows by the day of each."""
    decide, spared = world.log.decide_model, list[int]()

    async def spoilt(decided: ModelDecided) -> None:
        day = day_number(decided.day)
        again = day in spared
        if not before or again:
            await decide(decided)
        if not again:
            spared.append(day)
            raise CrashError

    world.log.decide_model = spoilt  # type: ignore[method-assign]  # on purpose, of this one log
    return spared


@pytest.fixture(scope="module")
def unbroken() -> LearningWorld:
    """A world that nothing disturbed, to look at only."""
    return asyncio.run(learned())


async def fold_through_crashes(world: LearningWorld) -> None:
    """Fold to the end, each time with everything made anew after a crash."""
    for _ in range(3 * DAYS):
        try:
            await world.fold()
        except CrashError:
            continue
        return
    raise AssertionError("it crashes for ever")


async def broken_off(spoil: Callable[[LearningWorld], object]) -> LearningWorld:
    world = await LearningWorld().create()
    await world.import_all(population(), DAY + DAYS)
    spoil(world)
    await fold_through_crashes(world)
    return world


@awaited
async def test_each_day_has_one_decision_and_the_first_day_none(unbroken: LearningWorld) -> None:
    days = [day_number(decided.day) for decided in unbroken.decisions()]
    assert days == list(range(DAY + 1, DAY + DAYS + 2))


@awaited
async def test_labels_mature_after_a_horizon_and_are_learned(unbroken: LearningWorld) -> None:
    nothing_seen, first, *_ = unbroken.decisions()
    last = unbroken.decisions()[-1].model
    assert nothing_seen.model is None, "nobody's turn came on the first day"
    assert first.model is not None
    assert last is not None
    assert (first.model.labels, first.model.log_loss) == (0, None)
    assert last.labels > 400
    assert last.first_label_day == date_of(DAY + 42)
    assert last.last_label_day == date_of(DAY + DAYS - 91)
    assert last.log_loss is not None
    assert last.log_loss < 0.6, "better than who knows nothing, at .693"


@awaited
async def test_scores_are_given_by_the_model_of_their_day(unbroken: LearningWorld) -> None:
    models = ModelHistory(unbroken.decisions())

    taken = [event for event in map(decoded, unbroken.said()) if isinstance(event, SnapshotTaken)]

    assert len({snapshot.model for snapshot in taken}) > 100
    for snapshot in taken:
        model = models.of(day_number(snapshot.day))
        assert snapshot.model == model.version
        assert snapshot.log_odds == model.scorer.log_odds(snapshot.inputs)


@pytest.mark.parametrize("partitions", [4, 64])
@awaited
async def test_any_number_of_partitions_learns_the_same(
    partitions: int, unbroken: LearningWorld
) -> None:
    many = await learned(partitions=partitions)

    assert many.models() == unbroken.models()
    assert await many.digest() == await unbroken.digest()


@pytest.mark.parametrize("before", [True, False])
@awaited
async def test_broken_off_at_the_commit_it_decides_the_same(
    before: bool, unbroken: LearningWorld
) -> None:
    store = SpoiltCourseStore(MemoryCourseStore(), before=before)

    broken = await broken_off(lambda world: setattr(world, "course", store))

    assert store.crashes > DAYS
    assert broken.models() == unbroken.models()
    assert await broken.digest() == await unbroken.digest()


@pytest.mark.parametrize("before", [True, False])
@awaited
async def test_broken_off_at_the_decision_it_decides_the_same(
    before: bool, unbroken: LearningWorld
) -> None:
    crashes: list[list[int]] = []

    broken = await broken_off(
        lambda world: crashes.append(break_off_deciding(world, before=before))
    )

    assert len(crashes[0]) > DAYS
    assert broken.models() == unbroken.models()
    assert await broken.digest() == await unbroken.digest()


@awaited
async def test_a_learner_that_met_an_error_goes_on_from_what_it_committed(
    unbroken: LearningWorld,
) -> None:
    world = await LearningWorld().create()
    await world.import_all(population())
    learner = await world.learner()
    world.learner = lambda: _the(learner)  # type: ignore[method-assign]  # one process, several tries
    crashes = break_off_deciding(world, before=True)

    await fold_through_crashes(world)

    assert len(crashes) > DAYS
    assert world.models() == unbroken.models()


async def _the(learner: Learning) -> Learning:
    return learner


@awaited
async def test_a_lost_store_is_learned_anew_to_the_same() -> None:
    world = await learned()
    before, kept = world.models(), await world.course.load()
    world.course = MemoryCourseStore()

    await world.fold()

    assert world.models() == before
    assert await world.course.load() == kept


@awaited
async def test_what_was_learned_of_another_log_is_learned_anew() -> None:
    longer, shorter = await learned(), await learned(up_to=DAY + DAYS - 7)
    wanted = await shorter.course.load()
    shorter.course = longer.course

    with capture_logs() as said:
        await shorter.fold()

    assert [entry["log_level"] for entry in said] == ["warning"]
    assert "does not belong to this log" in said[0]["event"]
    assert await shorter.course.load() == wanted


@awaited
async def test_live_a_day_that_was_passed_over_stays_so_and_learning_goes_on() -> None:
    world, undisturbed = await learned(), await learned(up_to=DAY + DAYS + 3)
    await world.log.advance(DAY + DAYS + 1)
    await world.log.advance(DAY + DAYS + 2)  # the learner has not seen the day before
    await world.log.advance(DAY + DAYS + 3)

    await world.fold()

    *_, decided, passed, skipped, ahead = world.decisions()
    assert decided.model is not None
    assert (passed.model, skipped.model) == (None, None)
    assert ahead == undisturbed.decisions()[-1], "the same snapshots were learned of"


@awaited
async def test_without_a_closed_day_there_is_nothing_to_decide() -> None:
    world = await LearningWorld().create()
    learner = await world.learner()

    assert await learner.decide_next() is False
    await world.log.advance(DAY)
    assert await learner.decide_next() is False, "opened, and not folded yet"


@awaited
async def test_snapshots_that_were_cut_away_are_said() -> None:
    world = await learned()
    kept = world.log.outputs[PROJECTION, 0]
    later = next(
        number
        for number, record in kept.items()
        if isinstance(event := decoded(record), DayClosed) and event.day == date_of(DAY + A_MONTH)
    )
    world.log.outputs[PROJECTION, 0] = {
        number: record for number, record in kept.items() if number > later
    }
    world.course = MemoryCourseStore()
    learner = await world.learner()

    first, found = str(date_of(DAY)), str(date_of(DAY + A_MONTH + 1))
    with pytest.raises(DayMissingError, match=f"{first} are gone .* goes on with {found}; `hold"):
        await learner.decide_next()


@awaited
async def test_snapshots_of_a_horizon_ago_that_were_cut_away_are_said() -> None:
    world = await learned()
    world.log.outputs[PROJECTION, 0] = {
        number: record
        for number, record in world.log.outputs[PROJECTION, 0].items()
        if record.day is not None and record.day > DAY + DAYS - 5
    }
    await world.log.advance(DAY + DAYS + 1)

    with pytest.raises(DayMissingError, match=f"{date_of(DAY + DAYS + 1 - 91)} are gone"):
        await world.fold()


@awaited
async def test_a_refused_model_is_warned_of_and_the_day_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await learned(up_to=DAY + DAYS)
    worse = Refused(RefusalReason.CLEARLY_WORSE, Losses(60, 0.9, 0.5))
    monkeypatch.setattr(course, "admit", lambda *_: worse)
    await world.log.advance(DAY + DAYS + 1)

    with capture_logs() as said:
        await world.fold()

    last = world.decisions()[-1]
    assert (last.model, last.refused) == (None, "clearly-worse")
    assert [entry["reason"] for entry in said if entry["log_level"] == "warning"] == [last.refused]
    assert said[0]["day"] == str(last.day)


@awaited
async def test_after_a_refusal_the_next_model_is_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undisturbed = await learned(up_to=DAY + DAYS + 1)
    world = await learned(up_to=DAY + DAYS - 1)
    with monkeypatch.context() as refusing:
        worse = Refused(RefusalReason.NON_FINITE, Losses(0, None, None))
        refusing.setattr(course, "admit", lambda *_: worse)
        await world.log.advance(DAY + DAYS)
        await world.fold()
    await world.log.advance(DAY + DAYS + 1)
    await world.fold()

    assert world.decisions()[-2].refused == "non-finite"
    last, wanted = world.decisions()[-1].model, undisturbed.decisions()[-1].model
    assert last is not None
    assert wanted is not None
    assert last.scorer == wanted.scorer, "what was learned meanwhile was kept"


@awaited
async def test_who_is_set_aside_gives_no_label_and_learning_goes_on(
    monkeypatch: pytest.MonkeyPatch, unbroken: LearningWorld
) -> None:
    due_day = CustomerFold.due_day
    held, since = id_of("c1"), DAY + 100

    def failing(
        fold: CustomerFold, customer_id: CustomerId, state: object, today: int, *rest: object
    ) -> object:
        if customer_id == held and today > since:
            raise ArithmeticError("a rule is wrong")
        return due_day(fold, customer_id, state, today, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(CustomerFold, "due_day", failing)
    world = await learned()

    (entry,) = await world.stores[0].quarantined()
    assert entry.customer_id == held
    assert len(world.decisions()) == len(unbroken.decisions())
    before, after = unbroken.decisions()[-1].model, world.decisions()[-1].model
    assert before is not None
    assert after is not None
    assert 1 <= before.labels - after.labels <= 4, "its own labels alone"


@awaited
async def test_progress_names_the_closing_of_its_day(unbroken: LearningWorld) -> None:
    progress = await unbroken.course.load()
    assert progress is not None

    closing = unbroken.log.outputs[PROJECTION, 0][progress.taken[0]]
    event = decoded(closing)
    assert isinstance(event, DayClosed)
    assert day_number(event.day) == progress.day == DAY + DAYS
    assert closing.sequence >= sequence(progress.day - DAY, 0)
    assert msgspec.json.decode(msgspec.json.encode(progress), type=Progress) == progress
