"""The newest snapshot of an archive that a reading has asked for, and waiting for one that knows more.

States are stored by one process and the archive is fed by another, so a state may have been folded
from facts that the archive does not have yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from infra.archive.port import FactArchive
from infra.mendable import MendableError

LOOKS = 120
SECONDS_BETWEEN_LOOKS = 0.25
"""Together half a minute: an archive that is fed at all has caught up by then."""

Missing = Callable[[FactArchive], Awaitable[int]]
"""Tells how many records a snapshot lacks of what is wanted."""


class ArchiveBehindError(MendableError):
    """The archive does not have yet what the states were folded from."""

    def __init__(self, records: int) -> None:
        super().__init__(
            f"the archive is {records} records behind what was folded already, and did not catch up"
            f" within {LOOKS * SECONDS_BETWEEN_LOOKS:.0f} seconds: look at `holdfast archive`, which"
            " feeds it, then try again"
        )


class ArchiveWindow:
    """Shows one snapshot, and moves on to a newer one where that one lacks something.

    Nothing is waited for where the archive is the log itself: what it lacks was lost.
    """

    def __init__(
        self,
        open_archive: Callable[[], AbstractAsyncContextManager[FactArchive]],
        *,
        is_the_log: bool,
    ) -> None:
        self._open_archive = open_archive
        self._looks = 0 if is_the_log else LOOKS
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open the first snapshot."""
        await self._renew()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the snapshot."""
        await self._opened.aclose()

    async def reach(self, missing: Missing) -> FactArchive:
        """Return the snapshot once it lacks nothing; those that were returned before are closed.

        Raises `ArchiveBehindError` where that takes too long.
        """
        for look in range(self._looks):
            behind = await missing(self.archive)
            if not behind:
                return self.archive
            if look == self._looks - 1:
                raise ArchiveBehindError(behind)
            if look:
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            await self._renew()
        return self.archive

    async def _renew(self) -> None:
        await self._opened.aclose()
        self.archive = await self._opened.enter_async_context(self._open_archive())


def fed_up_to(ends: Mapping[tuple[str, int], int]) -> Missing:
    """Want an archive to have read each of these partitions of topics up to such an offset."""

    async def missing(archive: FactArchive) -> int:
        positions = await archive.positions()
        return sum(max(0, end - positions.get(place, 0)) for place, end in ends.items())

    return missing


def facts_up_to(offsets: Mapping[int, int]) -> Missing:
    """Want the records of ``crm.facts`` up to an offset in each of these partitions."""

    async def missing(archive: FactArchive) -> int:
        return sum(
            [
                max(0, offset - await archive.end_offset(partition))
                for partition, offset in offsets.items()
            ]
        )

    return missing
