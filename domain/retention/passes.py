"""The barrier of a pass: it is made once every partition has said what stands in it."""

from typing import assert_never

import msgspec

from events.desk import PartitionStood, PassEvent, PassMade


class Passes(msgspec.Struct, frozen=True):
    """How often each partition of a projection has said its standings, and how many passes were made."""

    projection: str
    version: int = 0
    stood: dict[int, int] = {}
    made: int = 0

    def round_of(self, partition: int) -> int:
        """Return which pass the standings are for that a partition says now, counted from 1."""
        return self.stood.get(partition, 0) + 1

    def due(self, partitions: int) -> int | None:
        """Return the number of the pass that all partitions are ready for; None where one is not."""
        ready = min(self.stood.get(partition, 0) for partition in range(partitions))
        return self.made + 1 if ready > self.made else None


def evolve(passes: Passes, event: PassEvent) -> Passes:
    """Return the barrier after an event."""
    version, replace = passes.version + 1, msgspec.structs.replace
    match event:
        case PartitionStood(partition=partition):
            stood = {**passes.stood, partition: passes.round_of(partition)}
            return replace(passes, version=version, stood=stood)
        case PassMade():
            return replace(passes, version=version, made=passes.made + 1)
        case _ as never:
            assert_never(never)
