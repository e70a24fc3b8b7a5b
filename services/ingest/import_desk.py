"""Runs one import at a time inside a serving process, and tells how far it is."""

import asyncio
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from infra.clock import Clock
from infra.ending import ended
from infra.log.holds import ImportUnderWayError
from infra.log.port import EventLog, LogUnavailableError
from services.ingest.door import Door
from services.ingest.importing.first_pass import Progress, Stage
from services.ingest.importing.map_file import MapFile, load_map
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.run import abandon_import, run_import
from services.ingest.importing.summary import AbandonedImport, ImportSummary, NothingToAbandon

LARGEST_MAP_BYTES = 1024 * 1024

logger = structlog.get_logger()


class ImportOrder(msgspec.Struct, frozen=True):
    """What a command asks for. Paths are absolute, on the machine of the serving process."""

    files: tuple[str, ...]
    map: str
    dead_letter_late: bool = False
    long_history: bool = False


class Idle(msgspec.Struct, frozen=True, tag="idle"):
    """No import was run since the process began."""


class Running(msgspec.Struct, frozen=True, tag="running"):
    """An import runs."""

    stage: Stage
    done: int
    total: int


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The last import was carried through."""

    summary: ImportSummary


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The last import stopped; its command, given again, takes it up where it was."""

    error: str


ImportState = Idle | Running | Done | Failed
Answer = Literal["begun", "busy"]


class ImportDesk:
    """The imports of one serving process."""

    def __init__(self, log: EventLog, door: Door, spool_dir: Path, wall: Clock) -> None:
        self._log = log
        self._door = door
        self._spool_dir = spool_dir
        self._wall = wall
        self._task: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self.state: ImportState = Idle()

    async def begin(self, order: ImportOrder) -> Answer:
        """Begin an import in the background, unless one runs.

        Raises what `load_map` raises for a map that is wrong, and `ImportRefusedError` for a file
        that cannot be a map.
        """
        async with self._one_at_a_time:
            if self._runs():
                return "busy"
            request = ImportRequest(
                tuple(Path(file) for file in order.files),
                await asyncio.to_thread(_map_in, Path(order.map)),
                self._spool_dir,
                self._wall.now(),
                order.dead_letter_late,
                order.long_history,
            )
            self.state = Running(Stage.READING, 0, 0)
            self._task = asyncio.create_task(self._run(request))
            return "begun"

    async def abandon(self) -> AbandonedImport | NothingToAbandon | Literal["busy"]:
        """Give up an import that was broken off; one that runs is left alone, none begins meanwhile."""
        async with self._one_at_a_time:
            if self._runs():
                return "busy"
            return await abandon_import(self._log, self._spool_dir)

    async def close(self) -> None:
        """Break off the import that runs; its command takes it up again."""
        if self._task is not None:
            await ended(self._task)

    def _runs(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _run(self, request: ImportRequest) -> None:
        try:
            summary = await run_import(self._log, self._door, request, self._report)
        except (ImportRefusedError, ImportUnderWayError, LogUnavailableError) as error:
            self.state = Failed(str(error))
        except Exception as error:
            logger.exception("an import failed", reason=str(error))
            self.state = Failed(str(error) or type(error).__name__)
        else:
            self.state = Done(summary)

    def _report(self, progress: Progress) -> None:
        self.state = Running(progress.stage, progress.done, progress.total)


def _map_in(path: Path) -> MapFile:
    """Read a map; a pipe would keep us waiting for ever, a huge file would fill the memory."""
    if path.exists() and not path.is_file():
        raise ImportRefusedError(f"{path} is no regular file; name the mapping file itself")
    if path.exists() and path.stat().st_size > LARGEST_MAP_BYTES:
        raise ImportRefusedError(
            f"{path} is longer than {LARGEST_MAP_BYTES} bytes; name the mapping file, not the data"
        )
    return load_map(path)
