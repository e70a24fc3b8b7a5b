"""What the properties of the fold share: worlds with a history, and slices of their logs."""

from collections.abc import Sequence

from domain.customer.fold import CustomerFold
from domain.customer.slice import FoldedSlice, fold_slice
from domain.customer.slice_marks import SliceMarks
from events import codec
from events.values import CustomerId
from infra.archive.slices import slice_facts, slice_marks
from infra.log.memory import MemoryLog
from infra.log.partitioning import partition_of
from infra.log.records import OutputRecord
from infra.stream.models import model_history
from infra.stream.runner import Limits
from infra.stream.sequence import offset_of
from tests.support.histories import Arrival, Happening, play, regular
from tests.support.models import BY_RECENCY, by_everything, by_recency, decisions
from tests.support.world import PROJECTION, World

QUIET_DAYS = 100
"""So many silent days follow on a history, so that who was regular is noticed."""

ALL_QUIET = regular(("anna", "bert", "cleo", "dora", "emil"), gap=5, times=6)
CAME_BACK = [
    *ALL_QUIET,
    Happening("anna", 45, 0, "order", 700),
    Happening("bert", 0, 40, "order", 1),
    Happening("cleo", 3, 0, "return", 50),
]
"""Five silences raised on one day, while history turns live; one ends, one does not quite."""

DECISIONS = decisions(
    {
        9: by_everything(),
        16: None,
        38: BY_RECENCY,
        70: by_recency(snapshots=399, labels=499),
        76: BY_RECENCY,
        120: by_everything(),
        10_000: None,
    }
)
"""Models that raise and clear risks in these histories, one after the other; days from `DAY` on."""


async def played(
    history: Sequence[Arrival], partitions: int = 1, limits: Limits | None = None
) -> World:
    """A world with this history, not folded yet."""
    world = await World(partitions, limits).create(DECISIONS)
    await play(world.log, history, QUIET_DAYS)
    return world


async def folded(
    history: Sequence[Arrival], partitions: int = 1, limits: Limits | None = None
) -> World:
    """A world with this history, folded to its end."""
    world = await played(history, partitions, limits)
    await world.fold()
    return world


def slice_of(log: MemoryLog, customer_id: CustomerId, up_to: int | None = None) -> FoldedSlice:
    """A customer's slice, folded from zero up to an offset."""
    records = log.storage.facts[partition_of(customer_id, log.partitions)]
    records = records if up_to is None else records[: up_to + 1]
    facts = slice_facts([record for record in records if record.customer_id == customer_id])
    marks = slice_marks([record for record in records if record.customer_id is None])
    assert log.head is not None
    models = model_history(log.head, PROJECTION)
    return fold_slice(
        CustomerFold("GBP"), customer_id, facts, SliceMarks(marks, PROJECTION, models)
    )


def told(outputs: Sequence[OutputRecord], customer_id: CustomerId) -> list[tuple[int, bytes]]:
    """What was said of a customer: (offset of its cause, bytes)."""
    return [
        (offset_of(record.sequence), record.data)
        for record in outputs
        if record.customer_id == customer_id
    ]


def said(folded_slice: FoldedSlice) -> list[tuple[int, bytes]]:
    """The same of a folded slice."""
    return [(entry.offset, codec.encode(entry.event)) for entry in folded_slice.said]


def published(world: World) -> list[tuple[int, int, str, CustomerId | None, str, bytes]]:
    """Everything about every output but when and where it came to stand."""
    return [
        (entry.partition, entry.sequence, entry.type, entry.customer_id, entry.emission, entry.data)
        for entry in world.said()
    ]
