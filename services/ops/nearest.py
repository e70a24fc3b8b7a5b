"""Who is nearest to the threshold at which a risk is raised, of those looked at in the last weeks."""

from collections.abc import Sequence

import msgspec

from domain.detection.churn import RAISE_AT
from domain.learning.scoring import probability
from events.catalogue import REGISTRY, SNAPSHOTS
from events.snapshots import SnapshotTaken
from events.values import CustomerId, CustomerRef
from infra.archive.port import FactArchive
from services.ops.customers import ref_of
from services.ops.reading import Reading

SNAPSHOTS_READ = 2000


class Nearest(msgspec.Struct, frozen=True):
    """An active customer below the threshold, and the two likelihoods in its last weekly turn."""

    customer_id: CustomerId
    customer: CustomerRef
    probability: float
    threshold: float


async def nearest(reading: Reading) -> Nearest | None:
    """Return the active customer with the highest score below the threshold; None without any.

    Goes by the newest 2,000 snapshots, of each customer the last one: a few days of a large log, and
    weeks of a small one.
    """
    projection, last = reading.head.projection(), dict[CustomerId, SnapshotTaken]()
    for record in await reading.archive.newest_outputs(SNAPSHOTS, SNAPSHOTS_READ, None):
        event = REGISTRY.decode(record.type, record.data)
        if isinstance(event, SnapshotTaken) and record.projection == projection:
            last[event.customer_id] = event
    below = [each for each in last.values() if each.active and each.log_odds < RAISE_AT]
    if not below:
        return None
    found = max(below, key=lambda each: (each.log_odds, each.customer_id))
    first = await reading.archive.first_fact(found.customer_id)
    if first is None:
        return None
    return Nearest(
        found.customer_id,
        ref_of(first.type, first.data),
        probability(found.log_odds),
        probability(RAISE_AT),
    )


async def names_of(
    archive: FactArchive, customer_ids: Sequence[CustomerId]
) -> dict[CustomerId, str]:
    """Return how their sources name customers, SYSTEM:KEY; those without a fact are left out."""
    found: dict[CustomerId, str] = {}
    for customer_id in customer_ids:
        first = await archive.first_fact(customer_id)
        if first is not None:
            ref = ref_of(first.type, first.data)
            found[customer_id] = f"{ref.system}:{ref.key}"
    return found
