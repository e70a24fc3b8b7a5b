"""Contract of `EventLog`: outputs, dead letters and counters are kept, and kept once."""

import msgspec

from events import codec
from events.calendar import date_of
from events.catalogue import SIGNALS, SNAPSHOTS
from events.marks import Emission
from events.signals import CustomerPlaced, Placement
from events.snapshots import DayClosed
from infra.log.records import DeadLetter, Output
from tests.conformance.backends import LogBackend, opened
from tests.support.given import DAY, id_of
from tests.support.world import NOON, PROJECTION, awaited


def placed(sequence: int, account: str = "A-1") -> Output:
    event = CustomerPlaced(id_of("anna"), date_of(DAY), Placement(account))
    return Output(
        SIGNALS,
        sequence,
        "crm.customer.placed.v1",
        id_of("anna"),
        DAY,
        Emission.LIVE,
        codec.encode(event),
    )


def closed(sequence: int) -> Output:
    event = DayClosed(0, date_of(DAY), 0)
    data = codec.encode(event)
    return Output(SNAPSHOTS, sequence, "crm.day.closed.v1", None, DAY, Emission.HISTORY, data)


LETTER = DeadLetter(
    "9f" * 16, "shop", "invalid", "Expected int", "$.data.total", "send an int", NOON, b"\xff{"
)


@awaited
async def test_outputs_are_published_as_they_are(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [placed(100), closed(101)])

        first, second = await logs.outputs(log)
        assert (first.topic, first.sequence, first.projection) == (SIGNALS, 100, PROJECTION)
        assert (first.customer_id, first.day, first.emission) == (id_of("anna"), DAY, "live")
        assert first.data == placed(100).data
        assert logs.is_now(first.appended)
        assert (second.topic, second.customer_id, second.emission) == (SNAPSHOTS, None, "history")


@awaited
async def test_a_sequence_that_stands_is_left_alone(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [placed(100), placed(101)])
        await log.publish(PROJECTION, 0, [placed(100, "A-2"), placed(101), placed(102)])

        found = await logs.outputs(log)
        assert [record.sequence for record in found] == [100, 101, 102]
        assert found[0].data == placed(100, "A-1").data


@awaited
async def test_outputs_stand_when_the_log_is_opened_again(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [placed(100)])

    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [placed(100)])
        assert len(await logs.outputs(log)) == 1


@awaited
async def test_publishing_nothing_is_allowed(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.publish(PROJECTION, 0, [])

        assert await logs.outputs(log) == []


@awaited
async def test_a_dead_letter_is_kept_once_with_its_bytes(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.bury([LETTER])
        await log.bury([msgspec.structs.replace(LETTER, received=NOON + 1)])

        assert await logs.letters(log) == [LETTER]


@awaited
async def test_counters_add_up(logs: LogBackend) -> None:
    async with opened(logs) as log:
        await log.count({("shop", "accepted"): 3, ("shop", "duplicate"): 1})
        await log.count({("shop", "accepted"): 2, ("till", "accepted"): 1})

        assert await logs.tallies(log) == {
            ("shop", "accepted"): 5,
            ("shop", "duplicate"): 1,
            ("till", "accepted"): 1,
        }
