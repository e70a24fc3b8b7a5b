"""Contract of `EventLog`: an import has the log for itself, is history, and can be taken up again."""

import msgspec
import pytest

from events.control import ClockMode
from infra.log.head import ImportHold
from infra.log.holds import (
    ImportNotUnderWayError,
    ImportUnderWayError,
    OpenDayMovedError,
)
from infra.log.records import Appended, Duplicate, Suspended
from infra.log.transaction import SeenDay
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, LOG, order
from tests.support.marks import control_words, opened_days, partition_words
from tests.support.world import CREATED, awaited


@awaited
async def test_an_import_is_history_between_two_marks(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2)
        await log.append([order("anna", DAY), order("anna", DAY + 1)], import_id="i1", done=2)
        await log.end_import("i1", finished=True)

        assert await partition_words(log) == [
            "live",
            "history",
            f"day {DAY}",
            f"order anna {DAY}",
            f"day {DAY + 1}",
            f"order anna {DAY + 1}",
            "live",
        ]
        assert (await control_words(log))[-6:] == [
            "begin i1",
            "history",
            f"day {DAY}",
            f"day {DAY + 1}",
            "live",
            "finish i1",
        ]


@awaited
async def test_days_that_an_import_passes_are_history_however_many(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2)
        await log.append([order("anna", DAY), order("anna", DAY + 60)], import_id="i1", done=2)

        words = await partition_words(log)
        assert words.count("history") == 1
        assert words.count("live") == 1, "the one of the projection's creation"
        assert opened_days(words) == list(range(DAY, DAY + 61))


@awaited
async def test_a_resumed_import_is_marked_once(logs: LogBackend) -> None:
    async with opened(logs) as log:
        assert await log.begin_import("i1", 3) == 0
        await log.append([order("anna", DAY), order("anna", DAY + 1)], import_id="i1", done=2)

    async with opened(logs) as log:
        assert await log.begin_import("i1", 3) == 2
        await log.append([order("anna", DAY + 2)], import_id="i1", done=3)

    async with opened(logs) as log:
        assert await log.begin_import("i1", 3) == 3
        await log.end_import("i1", finished=True)

        words = await partition_words(log)
        assert [word for word in words if word in {"live", "history"}] == [
            "live",
            "history",
            "live",
        ]
        assert [word for word in await control_words(log) if "i1" in word] == [
            "begin i1",
            "finish i1",
        ]


@awaited
async def test_facts_of_a_broken_off_batch_are_duplicates_when_it_is_repeated(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        await log.append([order("anna", DAY)], import_id="i1", done=1)

        assert list(await log.append([order("anna", DAY)], import_id="i1", done=1)) == [Duplicate()]


@awaited
async def test_progress_is_committed_with_its_facts_or_not_at_all(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2)
        bad = msgspec.structs.replace(order("anna", DAY), customer_id="not hexadecimal")

        with pytest.raises(ValueError, match="invalid literal"):
            await log.append([order("bert", DAY), bad], import_id="i1", done=2)

        assert await log.begin_import("i1", 2) == 0


@awaited
async def test_others_are_suspended_while_an_import_has_the_log(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        before = await partition_words(log)

        outcomes = await log.append([order("anna", DAY), order("bert", DAY)])
        assert list(outcomes) == [Suspended("i1"), Suspended("i1")]
        assert list(await log.append([order("anna", DAY)], import_id="i2")) == [Suspended("i1")]
        assert await partition_words(log) == before


@awaited
async def test_the_suspension_outlives_a_restart(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)

    async with opened(logs) as log:
        assert list(await log.append([order("anna", DAY)])) == [Suspended("i1")]


@pytest.mark.parametrize("finished", [True, False])
@awaited
async def test_the_log_is_free_again_after_an_import_however_it_ended(
    logs: LogBackend, finished: bool
) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        await log.append([order("anna", DAY)], import_id="i1", done=1)
        await log.end_import("i1", finished=finished)

        (outcome,) = await log.append([order("bert", DAY)])
        assert isinstance(outcome, Appended)
        assert log.head is not None
        assert ("i1" in log.head.finished_imports) is finished
        assert log.head.suspended_by is None


@awaited
async def test_a_second_import_waits_for_the_first(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)

        with pytest.raises(ImportUnderWayError, match="i1"):
            await log.begin_import("i2", 1)
        with pytest.raises(ImportUnderWayError, match="i1"):
            await log.end_import("i2", finished=False)
        assert log.head is not None
        assert log.head.suspended_by == "i1"
        assert log.head.finished_imports == frozenset()


@awaited
async def test_ending_an_import_twice_writes_once(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=True)
        before = await partition_words(log), await control_words(log)

        await log.end_import("i1", finished=True)

        assert (await partition_words(log), await control_words(log)) == before
        assert log.head is not None
        assert log.head.finished_imports == {"i1"}


@awaited
async def test_an_import_into_an_empty_log_makes_its_clock_stand(logs: LogBackend) -> None:
    log = await logs.open()
    try:
        await log.create(LOG, ClockMode.WALL)
        await log.begin_import("i1", 1)

        assert log.head is not None
        assert log.head.clock_mode is ClockMode.LOG
    finally:
        await log.close()


@awaited
async def test_an_import_into_a_log_with_days_leaves_its_clock_alone(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.set_clock_mode(ClockMode.WALL)
        await log.advance(DAY)
        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=True)

        assert log.head is not None
        assert log.head.clock_mode is ClockMode.WALL


@awaited
async def test_a_rebuild_begun_during_an_import_stays_silent(
    logs: LogBackend,
) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2)
        await log.append([order("anna", DAY)], import_id="i1", done=1)
        rebuilt = msgspec.structs.replace(CREATED, projection="second")
        await log.create_projection(rebuilt)
        await log.append([order("anna", DAY + 1)], import_id="i1", done=2)
        await log.end_import("i1", finished=True)

        assert (await partition_words(log))[2:] == [
            f"day {DAY}",
            f"order anna {DAY}",
            f"day {DAY + 1}",
            f"order anna {DAY + 1}",
            "live",
        ]
        assert log.head is not None
        assert log.head.projection() == CREATED.projection


@awaited
async def test_a_log_says_who_has_it_and_which_day_was_open_then(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)
        await log.begin_import("i1", 2, SeenDay(DAY))
        await log.append([order("anna", DAY + 5)], import_id="i1", done=1)

    async with opened(logs) as log:
        assert log.head is not None
        assert log.head.open_day == DAY + 5
        assert log.head.hold == ImportHold("i1", facts=2, baseline_day=DAY)


@pytest.mark.parametrize("seen", [None, DAY - 1, DAY + 1])
@awaited
async def test_an_import_does_not_begin_on_another_day_than_it_saw(
    logs: LogBackend, seen: int | None
) -> None:
    async with opened(logs) as log:
        await log.advance(DAY)
        before = await partition_words(log), await control_words(log)

        with pytest.raises(OpenDayMovedError, match=f"the open day is {DAY}, and was {seen} when"):
            await log.begin_import("i1", 1, SeenDay(seen))

        assert (await partition_words(log), await control_words(log)) == before
        assert log.head is not None
        assert log.head.hold is None


@awaited
async def test_an_import_that_goes_on_may_have_opened_days_itself(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2, SeenDay(None))
        await log.append([order("anna", DAY)], import_id="i1", done=1)

        assert await log.begin_import("i1", 2, SeenDay(None)) == 1


@awaited
async def test_facts_of_an_import_that_does_not_have_the_log_are_refused(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await partition_words(log)
        with pytest.raises(ImportNotUnderWayError, match="import i1 does not have the log"):
            await log.append([order("anna", DAY)], import_id="i1", done=1)

        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=True)
        with pytest.raises(ImportNotUnderWayError):
            await log.append([order("anna", DAY)], import_id="i1", done=1)

        words = await partition_words(log)
        assert [word for word in words if word not in {"live", "history"}] == []
        assert before == ["live"]


@awaited
async def test_facts_that_are_suspended_leave_no_progress(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)

        await log.append([order("anna", DAY)], import_id="i2", done=1)

        await log.end_import("i1", finished=True)
        assert await log.begin_import("i2", 1) == 0


@awaited
async def test_an_abandoned_import_begins_from_nothing(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 2)
        await log.append([order("anna", DAY)], import_id="i1", done=1)
        await log.end_import("i1", finished=False)

        assert await log.begin_import("i1", 2) == 0
        assert log.head is not None
        assert log.head.hold == ImportHold("i1", facts=2, baseline_day=DAY)
        assert list(await log.append([order("anna", DAY)], import_id="i1", done=1)) == [Duplicate()]


@awaited
async def test_what_was_carried_through_once_stays_so(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=True)
        await log.end_import("i1", finished=False)
        await log.begin_import("i1", 1)
        await log.end_import("i1", finished=False)

    async with opened(logs) as log:
        assert log.head is not None
        assert log.head.finished_imports == {"i1"}


@awaited
async def test_a_log_tells_which_facts_stand(logs: LogBackend) -> None:
    async with opened(logs) as log:
        anna, bert = order("anna", DAY), order("bert", DAY)
        await log.append([anna])

        standing = await log.claimed([anna.claim(), bert.claim()])

        assert standing == {anna.claim(): anna.body_digest()}
        assert await log.claimed([]) == {}
