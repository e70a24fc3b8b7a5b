"""Contract of `EventLog`: models are decided once a day, and outputs are read back in order."""

import msgspec

from domain.detection.churn_recipe import START_MODEL
from events import codec
from events.calendar import date_of
from events.catalogue import SIGNALS, SNAPSHOTS
from events.control import ModelDecided
from infra.log.head import LogHead
from infra.log.port import EventLog
from tests.conformance.backends import LogBackend, opened
from tests.conformance.test_log_outputs import closed, placed
from tests.support.given import DAY
from tests.support.marks import control_words, partition_words
from tests.support.world import PROJECTION, awaited

LATER_MODEL = msgspec.structs.replace(START_MODEL, snapshots=7)


def decided(day: int, projection: str = PROJECTION, *, later: bool = False) -> ModelDecided:
    return ModelDecided(projection, date_of(day), LATER_MODEL if later else START_MODEL)


def head_of(log: EventLog) -> LogHead:
    assert log.head is not None
    return log.head


@awaited
async def test_a_decision_stands_in_control_and_in_no_partition(logs: LogBackend) -> None:
    async with opened(logs) as log:
        before = await partition_words(log)
        await log.decide_model(decided(DAY))

        assert (await control_words(log))[-1] == "ModelDecided"
        assert await partition_words(log) == before
        assert head_of(log).decisions == {PROJECTION: (decided(DAY),)}


@awaited
async def test_the_bytes_of_a_model_come_back_as_they_were_decided(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.decide_model(decided(DAY, later=True))
        *_, record = await log.control_records()

    assert record.data == codec.encode(decided(DAY, later=True))
    async with opened(logs) as log:
        assert head_of(log).decisions == {PROJECTION: (decided(DAY, later=True),)}


@awaited
async def test_the_first_decision_for_a_day_wins(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.decide_model(decided(DAY))
        await log.decide_model(decided(DAY, later=True))

        assert head_of(log).decisions == {PROJECTION: (decided(DAY),)}
        assert (await control_words(log)).count("ModelDecided") == 1


@awaited
async def test_days_are_decided_in_their_order(logs: LogBackend) -> None:
    async with opened(logs) as log:
        for day in (DAY, DAY + 2, DAY + 1, DAY + 3):
            await log.decide_model(decided(day))

        (decisions,) = head_of(log).decisions.values()
        assert [entry.day for entry in decisions] == [date_of(DAY + day) for day in (0, 2, 3)]
        assert head_of(log).decided_up_to(PROJECTION) == DAY + 3


@awaited
async def test_each_projection_has_decisions_of_its_own(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.decide_model(decided(DAY + 5))
        await log.decide_model(decided(DAY, "second", later=True))

        assert head_of(log).decided_up_to("second") == DAY
        assert head_of(log).decided_up_to(PROJECTION) == DAY + 5
        assert head_of(log).decided_up_to("nobody's") is None


@awaited
async def test_outputs_are_read_in_the_order_of_their_sequences(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [closed(200), closed(100)])
        await log.publish(PROJECTION, 0, [closed(300)])

        found = await log.read_outputs(SNAPSHOTS, PROJECTION, 0, -1, 10)
        assert [record.sequence for record in found] == [100, 200, 300]
        assert found[0].data == closed(100).data
        assert found[0].type == "crm.day.closed.v1"


@awaited
async def test_only_what_comes_after_is_read_and_not_more_than_asked_for(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [closed(number) for number in (100, 200, 300, 400)])

        async def numbers(after: int, limit: int) -> list[int]:
            found = await log.read_outputs(SNAPSHOTS, PROJECTION, 0, after, limit)
            return [record.sequence for record in found]

        assert await numbers(100, 2) == [200, 300]
        assert await numbers(150, 10) == [200, 300, 400]
        assert await numbers(400, 10) == []


@awaited
async def test_other_topics_projections_and_partitions_are_left_out(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [placed(100), closed(101)])
        await log.publish("second", 0, [closed(102)])

        for topic, sequence in ((SIGNALS, 100), (SNAPSHOTS, 101)):
            (record,) = await log.read_outputs(topic, PROJECTION, 0, -1, 10)
            assert (record.topic, record.sequence) == (topic, sequence)
        assert await log.read_outputs(SNAPSHOTS, PROJECTION, 1, -1, 10) == []
        assert await log.read_outputs(SNAPSHOTS, "nobody's", 0, -1, 10) == []


@awaited
async def test_outputs_are_read_by_their_projection(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish("second", 0, [closed(102)])

        (record,) = await log.read_outputs(SNAPSHOTS, "second", 0, -1, 10)
        assert (record.projection, record.partition) == ("second", 0)
