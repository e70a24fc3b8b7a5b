"""Appends that wait at the same time share a transaction, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from infra.log.port import LogUnavailableError
from infra.log.records import Appended, AppendOutcome, NewFact
from infra.log.shared_appends import FACTS_A_TRANSACTION, SharedAppends
from tests.support.given import DAY, order

ANNA, BORIS, CAROL = (order(name, DAY) for name in ("anna", "boris", "carol"))


class Disk:
    """Writes when it is told to, and remembers who shared a transaction."""

    def __init__(self) -> None:
        self.transactions: list[list[Sequence[NewFact]]] = []
        self.ready = asyncio.Event()
        self.written = 0

    async def write(self, groups: Sequence[Sequence[NewFact]]) -> Sequence[Sequence[AppendOutcome]]:
        self.transactions.append(list(groups))
        await self.ready.wait()
        return [[self._appended() for _ in facts] for facts in groups]

    def _appended(self) -> Appended:
        self.written += 1
        return Appended(self.written)


class FaultyDisk(Disk):
    """Cannot write a transaction in which this fact stands."""

    def __init__(self, fact: NewFact, error: Exception) -> None:
        super().__init__()
        self.ready.set()
        self._fact, self._error = fact, error

    async def write(self, groups: Sequence[Sequence[NewFact]]) -> Sequence[Sequence[AppendOutcome]]:
        if any(self._fact in facts for facts in groups):
            self.transactions.append(list(groups))
            raise self._error
        return await super().write(groups)


async def started(
    shared: SharedAppends, *appends: Sequence[NewFact]
) -> list[asyncio.Task[Sequence[AppendOutcome]]]:
    """Begin to append, caller by caller, and let each come to its waiting."""
    tasks = [asyncio.create_task(shared.append(facts)) for facts in appends]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


def test_appends_that_come_during_a_write_share_the_next_one() -> None:
    async def run() -> Disk:
        disk = Disk()
        shared = SharedAppends(disk.write)
        first = await started(shared, [ANNA])
        later = await started(shared, [BORIS], [CAROL])
        disk.ready.set()
        await asyncio.gather(*first, *later)
        return disk

    assert asyncio.run(run()).transactions == [[[ANNA]], [[BORIS], [CAROL]]]


def test_each_caller_gets_the_outcomes_of_its_own_facts() -> None:
    async def run() -> list[Sequence[AppendOutcome]]:
        disk = Disk()
        shared = SharedAppends(disk.write)
        tasks = await started(shared, [ANNA, BORIS], [CAROL])
        disk.ready.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [[Appended(1), Appended(2)], [Appended(3)]]


def test_a_later_append_begins_a_new_write() -> None:
    async def run() -> Disk:
        disk = Disk()
        disk.ready.set()
        shared = SharedAppends(disk.write)
        await shared.append([ANNA])
        await shared.append([BORIS])
        return disk

    assert asyncio.run(run()).transactions == [[[ANNA]], [[BORIS]]]


def test_a_full_transaction_is_joined_by_no_one() -> None:
    many = [ANNA] * FACTS_A_TRANSACTION

    async def run() -> Disk:
        disk = Disk()
        shared = SharedAppends(disk.write)
        tasks = await started(shared, many, [BORIS], [CAROL])
        disk.ready.set()
        await asyncio.gather(*tasks)
        return disk

    assert asyncio.run(run()).transactions == [[many], [[BORIS], [CAROL]]]


def test_facts_that_cannot_be_written_fail_for_their_own_caller_alone() -> None:
    async def run() -> list[Sequence[AppendOutcome] | BaseException]:
        disk = FaultyDisk(BORIS, OverflowError("a number beyond 64 bits"))
        tasks = await started(SharedAppends(disk.write), [ANNA], [BORIS], [CAROL])
        return await asyncio.gather(*tasks, return_exceptions=True)

    anna, boris, carol = asyncio.run(run())
    assert (anna, carol) == ([Appended(1)], [Appended(2)])
    assert isinstance(boris, OverflowError)


def test_a_log_that_cannot_write_is_told_to_all_and_not_tried_again() -> None:
    disks: list[FaultyDisk] = []

    async def run() -> list[Sequence[AppendOutcome] | BaseException]:
        disks.append(FaultyDisk(BORIS, LogUnavailableError("disk full")))
        tasks = await started(SharedAppends(disks[0].write), [ANNA], [BORIS])
        return await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(answer) for answer in asyncio.run(run())] == [LogUnavailableError] * 2
    assert len(disks[0].transactions) == 1


def test_the_next_append_is_tried_after_a_failure() -> None:
    async def run() -> Sequence[AppendOutcome]:
        disk = FaultyDisk(BORIS, LogUnavailableError("disk full"))
        shared = SharedAppends(disk.write)
        with pytest.raises(LogUnavailableError, match="disk full"):
            await shared.append([BORIS])
        return await shared.append([ANNA])

    assert asyncio.run(run()) == [Appended(1)]


def test_a_caller_that_goes_away_holds_up_no_one() -> None:
    async def run() -> Sequence[AppendOutcome]:
        disk = Disk()
        gone, stays = await started(shared := SharedAppends(disk.write), [ANNA], [BORIS])
        gone.cancel()
        disk.ready.set()
        await shared.append([CAROL])
        return await stays

    assert asyncio.run(run()) == [Appended(2)]
