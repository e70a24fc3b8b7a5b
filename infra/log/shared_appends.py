"""Appends that wait at the same time share one transaction, one look-up of claims, one answer.

While a transaction waits for the disk, further appends gather; the next one takes them all.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from infra.log.port import LogUnavailableError
from infra.log.records import AppendOutcome, NewFact

Write = Callable[[Sequence[Sequence[NewFact]]], Awaitable[Sequence[Sequence[AppendOutcome]]]]
"""Appends several callers' facts in one transaction; the outcomes come back caller by caller."""

FACTS_A_TRANSACTION = 10_000
"""No further caller joins a transaction with so many facts, so that those in it are answered soon."""


class _Waiting(msgspec.Struct, frozen=True):
    facts: Sequence[NewFact]
    answer: asyncio.Future[Sequence[AppendOutcome]]


class SharedAppends:
    """Gathers the appends of one event loop."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def append(self, facts: Sequence[NewFact]) -> Sequence[AppendOutcome]:
        """Return the outcomes of these facts once they stand. Raises what writing them raises."""
        answer: asyncio.Future[Sequence[AppendOutcome]] = asyncio.Future()
        self._waiting.append(_Waiting(facts, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                await self._write_group(group)
            except LogUnavailableError as error:
                _refuse(group, error)
            except Exception:  # noqa: BLE001 - one caller's facts raised it, and that one gets it
                await self._write_each(group)

    def _next_group(self) -> list[_Waiting]:
        group = [self._waiting.popleft()]
        facts = len(group[0].facts)
        while self._waiting and facts + len(self._waiting[0].facts) <= FACTS_A_TRANSACTION:
            group.append(self._waiting.popleft())
            facts += len(group[-1].facts)
        return group

    async def _write_group(self, group: Sequence[_Waiting]) -> None:
        outcomes = await self._write([waiting.facts for waiting in group])
        for waiting, own in zip(group, outcomes, strict=True):
            if not waiting.answer.done():  # else its caller has gone
                waiting.answer.set_result(own)

    async def _write_each(self, group: Sequence[_Waiting]) -> None:
        """One of them cannot be written; find out which, so that the others stand."""
        for waiting in group:
            try:
                await self._write_group([waiting])
            except Exception as error:  # noqa: BLE001 - handed on to the caller whose facts raised it
                _refuse([waiting], error)


def _refuse(group: Sequence[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
