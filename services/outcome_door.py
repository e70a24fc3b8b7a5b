"""The door as the desk uses it: outcomes of tasks go in as everybody's facts do."""

from collections.abc import Sequence
from http import HTTPStatus

import httpx
import msgspec

from events import codec
from events.envelope import CloudEvent
from events.values import CustomerId, CustomerRef
from infra.archive.port import FactArchive
from infra.archive.postgres import PostgresArchive
from infra.archive.postgres_about import ArchiveMissingError
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder
from infra.log.records import Suspended
from infra.postgres.settings import PostgresSettings
from services.alerts.outcomes import DoorShutError
from services.ingest.http_modes import BATCH_TYPE
from services.ingest.intake import Intake, Refused
from services.ops.customers import ref_of
from services.problem_details import Problem

EVENTS_A_REQUEST = 500


class LocalDoor:
    """`OutcomeDoor` on the log of a folder."""

    def __init__(self, folder: DataFolder, intake: Intake) -> None:
        self._folder = folder
        self._intake = intake

    async def names(self, customers: Sequence[CustomerId]) -> dict[CustomerId, CustomerRef]:
        """Return how the source of each customer names it, by its first fact."""
        archive = SqliteArchive(self._folder.log)
        try:
            return await _names(archive, customers)
        finally:
            await archive.close()

    async def submit(self, events: Sequence[CloudEvent]) -> None:
        """Let outcomes in. Raises `DoorShutError`."""
        results = await self._intake.submit(events)
        await self._intake.flush_counts()
        for event, result in zip(events, results, strict=True):
            if isinstance(result, Suspended):
                raise DoorShutError(f"an import has the log: {result.import_id}")
            if isinstance(result, Refused):
                refusal = result.refusal
                raise DoorShutError(f"{event.id}: {refusal.detail}; {refusal.mend}")


class _Listed(msgspec.Struct, frozen=True):
    index: int
    problem: Problem | None = None


class _Answer(msgspec.Struct, frozen=True):
    results: list[_Listed]


class HttpDoor:
    """`OutcomeDoor` of ingest over HTTP; names of customers come from the archive in PostgreSQL."""

    def __init__(self, client: httpx.AsyncClient, archive: PostgresSettings) -> None:
        self._client = client
        self._archive = archive

    async def names(self, customers: Sequence[CustomerId]) -> dict[CustomerId, CustomerRef]:
        """Return how the source of each customer names it, by its first fact.

        Raises `DoorShutError` where the archive does not know one yet, and
        `PostgresUnavailableError`.
        """
        try:
            archive = await PostgresArchive.open(self._archive)
        except ArchiveMissingError as error:
            raise DoorShutError(str(error)) from error
        try:
            return await _names(archive, customers)
        except LookupError as error:
            raise DoorShutError(f"{error}: is `holdfast archive` up?") from error
        finally:
            await archive.close()

    async def submit(self, events: Sequence[CloudEvent]) -> None:
        """Let outcomes in, some at a time. Raises `DoorShutError`."""
        for start in range(0, len(events), EVENTS_A_REQUEST):
            await self._post(events[start : start + EVENTS_A_REQUEST])

    async def _post(self, events: Sequence[CloudEvent]) -> None:
        body = b"[" + b",".join(map(codec.encode, events)) + b"]"
        try:
            answer = await self._client.post(
                "/v1/events", content=body, headers={"content-type": BATCH_TYPE}
            )
        except httpx.TransportError as error:
            raise DoorShutError(
                f"the door at {self._client.base_url} does not answer ({error!r}): is ingest up, and"
                " does HOLDFAST_ALERTS_DOOR name it?"
            ) from error
        if answer.status_code not in {HTTPStatus.ACCEPTED, HTTPStatus.UNPROCESSABLE_ENTITY}:
            raise DoorShutError(
                f"the door at {self._client.base_url} answers {answer.status_code}:"
                f" {answer.text[:200]}"
            )
        for result in msgspec.json.decode(answer.content, type=_Answer).results:
            if result.problem is not None:
                problem = result.problem
                raise DoorShutError(f"{events[result.index].id}: {problem.detail}; {problem.mend}")


async def _names(
    archive: FactArchive, customers: Sequence[CustomerId]
) -> dict[CustomerId, CustomerRef]:
    found: dict[CustomerId, CustomerRef] = {}
    for customer_id in customers:
        first = await archive.first_fact(customer_id)
        if first is None:
            raise LookupError(f"the log has no fact of {customer_id}, who has a task")
        found[customer_id] = ref_of(first.type, first.data)
    return found
