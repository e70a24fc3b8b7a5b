"""Runs work on files in a thread, so that the loop stays free for whoever else is served."""

import asyncio
import contextlib
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


async def off_loop(work: Callable[[], Result]) -> Result:
    """Return what a short piece of work returns.

    Cancelled, it waits for the work to end, so that nobody closes the file that it works on.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await working
        raise
