"""Ending tasks that go on until they are cancelled.

In Python 3.11 one cancel is not enough: whoever gets an answer in the very moment, of Redis or of a
future with a time limit, goes on as if it had not been cancelled.
"""

import asyncio
from typing import TypeVar

T = TypeVar("T")

SECONDS_BETWEEN_CANCELS = 0.5


async def ended(*tasks: asyncio.Future[T]) -> None:
    """Cancel tasks, again and again, and return once all have ended.

    What they raised meanwhile stays with them, and is not told of as if nobody had asked.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=SECONDS_BETWEEN_CANCELS)
    for task in tasks:
        if not task.cancelled():
            task.exception()
