"""What a fact gives rise to bears its trace; states, digests and ids are the same with and without."""

from collections.abc import Sequence

import msgspec

from infra.log.memory import MemoryLog
from infra.log.records import NewFact, Output
from tests.support.given import DAY, order
from tests.support.world import StoppedClock, World, awaited
from tests.unit.events.test_tracing import VALID

WEEKS = range(DAY, DAY + 64, 7)


class HeardLog(MemoryLog):
    """Keeps what was published as it was handed over."""

    def __init__(self) -> None:
        super().__init__(1, StoppedClock())
        self.heard: list[Output] = []

    async def publish(self, projection: str, partition: int, outputs: Sequence[Output]) -> None:
        self.heard += outputs
        await super().publish(projection, partition, outputs)


async def folded(facts: Sequence[NewFact]) -> tuple[World, list[Output]]:
    world, log = World(), HeardLog()
    world.log = log
    await world.create()
    await world.append(facts)
    await world.fold()
    return world, log.heard


@awaited
async def test_outputs_of_a_fact_bear_its_trace_and_those_of_a_day_none() -> None:
    weekly = [order("anna", day) for day in WEEKS]
    back = order("anna", DAY + 63 + 40)  # after a silence that was raised at the opening of a day

    world, heard = await folded([*weekly, msgspec.structs.replace(back, traceparent=VALID)])
    plain, unheard = await folded([*weekly, back])

    bearing = {output.type for output in heard if output.traceparent == VALID}
    assert "crm.anomaly.cleared.v2" in bearing
    assert {o.type for o in heard if o.traceparent is None} >= {"crm.anomaly.raised.v3"}
    assert [msgspec.structs.replace(o, traceparent=None) for o in heard] == unheard
    assert await world.digest() == await plain.digest()
    assert await world.stores[0].position() == await plain.stores[0].position()
