"""The barrier of a pass: it is made once every partition has said what stands in it."""

from typing import assert_never

import msgspec

from events.desk import PartitionStood, PassEvent, PassMade


class Passes(msgspec.Struct, frozen=True):
    """How often each partition of a projection has said its standings, and how many passes were made.

    ``stood`` counts by the partition's number, written as text.
    """

    projection: str
    version: int = 0
    stood: dict[str, int] = {}
    made: int = 0

    def times(self, partition: int) -> int:
        """Return how often a partition has said all that stands in it."""
        return self.stood.get(str(partition), 0)

    def awaits(self, partition: int) -> bool:
        """Tell whether a partition has said its standings for a pass that is not made yet."""
        return self.times(partition) > self.made

    def due(self, partitions: int) -> int | None:
        """Return the number of the pass that all partitions are ready for; None where one is not."""
        ready = min(self.times(partition) for partition in range(partitions))
        return self.made + 1 if ready > self.made else None


def evolve(passes: Passes, event: PassEvent) -> Passes:
    """Return the barrier after an event."""
    version, replace = passes.version + 1, msgspec.structs.replace
    match event:
        case PartitionStood(partition=partition):
            stood = {**passes.stood, str(partition): passes.times(partition) + 1}
            return replace(passes, version=version, stood=stood)
        case PassMade():
            return replace(passes, version=version, made=passes.made + 1)
        case _ as never:
            assert_never(never)
