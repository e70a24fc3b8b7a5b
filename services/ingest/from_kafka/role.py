"""The intake role: checks that nothing expired, then runs the agent until it is stopped or fails."""

import asyncio
from pathlib import Path

from infra.health.board import HealthBoard
from infra.kafka.connection import AiokafkaArguments
from infra.stream.faust_app import FaustPlace, run_app
from services.ingest.from_kafka.agent import intake_app
from services.ingest.from_kafka.forwarding import Forwarding
from services.ingest.from_kafka.offsets import check_nothing_expired

GROUP = "ingest-intake"
"""Its name begins as ingest's principal does, which is what its rights ask for."""

PART = "crm.intake"


class IntakeRole:
    """Brings ``crm.intake`` to the door."""

    def __init__(
        self,
        arguments: AiokafkaArguments,
        topic: str,
        folder: Path,
        forwarding: Forwarding,
        board: HealthBoard,
        *,
        accept_loss: bool = False,
    ) -> None:
        """With ``accept_loss`` it goes on behind events that expired unread."""
        self._arguments = arguments
        self._topic = topic
        self._folder = folder
        self._forwarding = forwarding
        self._board = board
        self._accept_loss = accept_loss
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until `stop`.

        Raises:
            EventsExpiredError: events are gone, and it was not said to go on behind them.
            IntakeUnreachableError: the brokers do not answer at the start.
            DoorAnswerError: what the settings call the door is none.
        """
        if not self._accept_loss:
            await check_nothing_expired(self._arguments, self._topic, GROUP)
        place = FaustPlace(self._arguments, self._topic, GROUP, self._folder)
        app = intake_app(place, self._forwarding)
        await run_app(app, self._stopping, lambda: self._board.beat(PART))

    def stop(self) -> None:
        """Let `run` return once the events under way are acknowledged."""
        self._stopping.set()
