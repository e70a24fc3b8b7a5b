"""A log that other processes write to: followed, and waited for where it is not made yet."""

from typing import Protocol

from infra.health.board import HealthBoard
from infra.log.head import LogHead
from infra.log.port import EventLog
from infra.stream.handover import Handover

SECONDS_BETWEEN_LOOKS = 1.0
LOG = "log"
"""The name by which the board tells of what is waited for here."""


class FollowedLog(EventLog, Protocol):
    """The whole log, as far as it was read."""

    async def wait_for_more(self) -> None:
        """Return when control records or outputs came, at latest after a moment."""
        ...


async def standing_projection(
    log: FollowedLog, stopping: Handover, board: HealthBoard
) -> tuple[LogHead, str]:
    """Return the log's head and its standing projection, once ingest has made both.

    Raises `HandedOverError` where ``stopping`` is asked for before.
    """
    while True:
        head = log.head
        standing = None if head is None else head.projection()
        if head is not None and standing is not None:
            board.leave(LOG)
            return head, standing
        board.waits(LOG, "there is no log yet: `holdfast ingest` or an import makes it")
        await stopping.unless_asked(log.wait_for_more())
