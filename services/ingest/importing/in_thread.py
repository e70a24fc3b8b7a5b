"""Runs reading in a thread, so that the loop stays free, and stops it when nobody waits any more."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from services.ingest.importing.first_pass import Progress, Report

Result = TypeVar("Result")


class ReadingStoppedError(Exception):
    """Whoever waited for a file to be read was cancelled; nothing was written."""


async def run_in_thread(work: Callable[[Report], Result], report: Report) -> Result:
    """Return what ``work`` returns. Cancelled, it ends the work at its next report."""
    nobody_waits = threading.Event()

    def watched(progress: Progress) -> None:
        if nobody_waits.is_set():
            raise ReadingStoppedError
        report(progress)

    try:
        return await asyncio.to_thread(work, watched)
    finally:
        nobody_waits.set()
