"""The ingest service of Kafka mode: the door over HTTP, and this process's turns at writing."""

import asyncio
import socket

from fastapi import FastAPI

from infra.ending import ended
from infra.health.board import HealthBoard
from infra.health.pulse import beat_for_ever
from services.door_server import DoorServer
from services.ingest.api import events_router
from services.ingest.stand_by import TurnsIntake
from services.ingest.turns import WriterTurns


class IngestWorker:
    """Answers requests on a port, and writes what they bring when it is this process's turn."""

    def __init__(
        self, listener: socket.socket, intake: TurnsIntake, turns: WriterTurns, board: HealthBoard
    ) -> None:
        app = FastAPI(
            title="Holdfast", summary="The door into the log", docs_url=None, redoc_url=None
        )
        app.include_router(events_router(intake))
        self._listener = listener
        self._server = DoorServer(app)
        self._turns = turns
        self._board = board

    async def run(self) -> None:
        """Serve until `stop`; every request that was let in is answered first.

        Raises what `WriterTurns.run` raises.
        """
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        writing = asyncio.create_task(self._turns.run())
        beating = asyncio.create_task(beat_for_ever(self._board))
        try:
            await asyncio.wait({serving, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            self._turns.stop()
            await asyncio.gather(writing, return_exceptions=True)
            await ended(beating)
        await serving
        await writing

    def stop(self) -> None:
        """Let `run` return."""
        self._server.should_exit = True
