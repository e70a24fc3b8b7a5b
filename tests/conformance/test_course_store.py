"""Contract of `CourseStore`: what was committed last is what is loaded."""

import datetime

import msgspec

from domain.detection.churn_recipe import RECIPE
from domain.learning.course import CourseState, beginning
from infra.course.port import Progress
from tests.conformance.stores import CourseOpener
from tests.support.given import DAY
from tests.support.world import awaited

START = Progress(DAY, (7, -1), (-1, -1), beginning(RECIPE))


def a_day_later(state: CourseState) -> CourseState:
    """Numbers that no short text holds, and every optional field filled."""
    learner = msgspec.structs.replace(
        state.learner, snapshots=3, labels=2, means=(0.1 + 0.2,) * 17, variances=(1e-300,) * 17
    )
    return msgspec.structs.replace(
        state,
        learner=learner,
        first_label_day=datetime.date(2011, 1, 26),
        last_label_day=datetime.date(2011, 2, 26),
    )


NEXT = Progress(DAY + 1, (1 << 62, 9), (3, 4), a_day_later(START.state))


async def loaded_again(courses: CourseOpener) -> Progress | None:
    async with courses() as again:
        return await again.load()


@awaited
async def test_a_new_store_has_nothing(courses: CourseOpener) -> None:
    async with courses() as store:
        assert await store.load() is None

    assert await loaded_again(courses) is None


@awaited
async def test_progress_comes_back_to_the_last_bit(courses: CourseOpener) -> None:
    async with courses() as store:
        await store.commit(NEXT)
        assert await store.load() == NEXT

    assert await loaded_again(courses) == NEXT


@awaited
async def test_a_later_day_takes_the_place_of_an_earlier_one(courses: CourseOpener) -> None:
    async with courses() as store:
        await store.commit(START)
        await store.commit(NEXT)

    assert await loaded_again(courses) == NEXT


@awaited
async def test_a_day_may_be_committed_again(courses: CourseOpener) -> None:
    async with courses() as store:
        await store.commit(NEXT)
        await store.commit(START)
        await store.commit(START)

    assert await loaded_again(courses) == START
