"""Shows on the board that an event loop turns, and that a thread takes up work."""

import asyncio
from concurrent.futures import Executor

from infra.health.board import HealthBoard

SECONDS_BETWEEN_BEATS = 2.0
LOOP, FOLD = "event loop", "fold"


async def beat_for_ever(board: HealthBoard, thread: Executor | None = None) -> None:
    """Beat until cancelled. Where the loop or the thread hangs, the board hears nothing of it."""
    while True:
        board.beat(LOOP)
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, board.beat, FOLD)
        await asyncio.sleep(SECONDS_BETWEEN_BEATS)
