"""The door of this process, as the desk uses it: outcomes of tasks go in as everybody's facts do."""

from collections.abc import Sequence

from events.envelope import CloudEvent
from events.values import CustomerId, CustomerRef
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.records import Suspended
from services.ingest.intake import Intake, Refused
from services.ops.customers import ref_of


class LocalDoor:
    """`OutcomeDoor` on the log of a folder."""

    def __init__(self, folder: DataFolder, intake: Intake) -> None:
        self._folder = folder
        self._intake = intake

    async def names(self, customers: Sequence[CustomerId]) -> dict[CustomerId, CustomerRef]:
        """Return how the source of each customer names it, by its first fact."""
        found: dict[CustomerId, CustomerRef] = {}
        archive = SqliteArchive(self._folder.log)
        try:
            for customer_id in customers:
                first = await archive.first_fact(customer_id)
                if first is None:
                    raise LookupError(f"the log has no fact of {customer_id}, who has a task")
                found[customer_id] = ref_of(first.type, first.data)
        finally:
            await archive.close()
        return found

    async def submit(self, events: Sequence[CloudEvent]) -> str | None:
        """Let outcomes in; say why where one is not let in."""
        results = await self._intake.submit(events)
        await self._intake.flush_counts()
        for event, result in zip(events, results, strict=True):
            if isinstance(result, Suspended):
                return f"an import has the log: {result.import_id}"
            if isinstance(result, Refused):
                return f"{event.id}: {result.refusal.detail}; {result.refusal.mend}"
        return None
