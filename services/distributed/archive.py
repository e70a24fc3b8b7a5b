"""The archive role of Kafka mode, wired together: from every topic into PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.pulse import beat_for_ever
from infra.postgres import settings as postgres_settings
from services.archive.app import Archiver
from services.distributed.servers import Servers, health


@asynccontextmanager
async def archive_role(servers: Servers) -> AsyncIterator["BeatingArchiver"]:
    """Open what the archive needs."""
    with health() as (board, _):
        archiver = Archiver(servers.kafka, postgres_settings.read_settings(), board=board)
        yield BeatingArchiver(archiver, board)


class BeatingArchiver:
    """The archiver, with the event loop shown on the board."""

    def __init__(self, archiver: Archiver, board: HealthBoard) -> None:
        self._archiver = archiver
        self._board = board

    async def run(self) -> None:
        """Feed until `stop`. Raises what `Archiver.run` raises."""
        beating = asyncio.create_task(beat_for_ever(self._board))
        try:
            await self._archiver.run()
        finally:
            await ended(beating)

    def stop(self) -> None:
        """Let `run` return with nothing under way."""
        self._archiver.stop()
