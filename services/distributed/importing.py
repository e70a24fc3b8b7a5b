"""`holdfast import --mode kafka`: the command writes the log itself, for as long as it takes.

The ingest that is active steps back meanwhile. An import that was broken off keeps the log suspended
until its command is given again, on this machine or another, or it is given up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from infra.clock import Clock
from infra.log.head import LogHead
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from infra.log.redis_claims import RedisClaims
from infra.redis.connection import open_redis
from services.distributed.servers import Servers
from services.distributed.writing import writing
from services.importing import (
    ImportCommand,
    adapted,
    identity_of,
    new_log_of,
    read_files_ahead,
    request_of,
)
from services.ingest.door import Door
from services.ingest.importing.claims import NoClaims
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.map_file import load_map
from services.ingest.importing.run import abandon_import, run_import
from services.ingest.importing.summary import AbandonedImport, DryRunReport, ImportSummary
from services.ingest.settings import IngestSettings
from services.steps import Report


async def import_files(
    servers: Servers, command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> ImportSummary:
    """Import into the log on Kafka. Raises what `run_import` and `writing` raise."""
    parsed = await asyncio.to_thread(load_map, command.map)
    request, new_log = request_of(command, parsed, wall), new_log_of(parsed, settings)
    stands = await _head(servers, wall) is not None
    ahead = None
    if not stands:  # an import that is refused makes no log
        ahead = await read_files_ahead(command.folder, request, new_log, report)
    async with writing(servers, new_log, wall) as log:
        door = Door(head_of(log).identity)
        return await run_import(log, door, request, adapted(report), ahead)


async def plan(
    servers: Servers, command: ImportCommand, settings: IngestSettings, wall: Clock, report: Report
) -> DryRunReport:
    """Return what the import would do; nothing is written."""
    parsed = await asyncio.to_thread(load_map, command.map)
    request, heard = request_of(command, parsed, wall), adapted(report)
    head = await _head(servers, wall)
    if head is None:
        door = Door(identity_of(new_log_of(parsed, settings)))
        return await dry_run(door, request, heard, None, NoClaims())
    async with _claims(servers, head) as claims:
        return await dry_run(Door(head.identity), request, heard, head.open_day, claims)


async def abandon(servers: Servers, spools: Path, wall: Clock) -> AbandonedImport | None:
    """Give up the import that was broken off; None where there was none."""
    head = await _head(servers, wall)
    if head is None or head.hold is None:
        return None
    async with writing(servers, None, wall) as log:
        given_up = await abandon_import(log, spools)
        return given_up if isinstance(given_up, AbandonedImport) else None


async def _head(servers: Servers, wall: Clock) -> LogHead | None:
    log = await KafkaLog.open(servers.kafka, wall)
    try:
        return log.head
    finally:
        await log.close()


@asynccontextmanager
async def _claims(servers: Servers, head: LogHead) -> AsyncIterator[RedisClaims]:
    client = await open_redis(servers.redis)
    try:
        yield RedisClaims(client, head.identity.log_id)
    finally:
        await client.aclose()
