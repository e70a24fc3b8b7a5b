"""What looking costs: what is asked for, not how long the log has become."""

import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from events.catalogue import DEAD_LETTERS, FACTS, PROFILES, SIGNALS
from infra.folder import DataFolder
from infra.log.records import DeadLetter, NewFact
from infra.log.sqlite import SqliteLog
from infra.state.port import Quarantined
from infra.state.reader import ProjectionReader
from services.ops.customers import ResolvedCustomer, resolve_customer
from services.ops.dead_letters import list_dead_letters
from services.ops.flagged import flagged
from services.ops.reading import Reading
from services.ops.status import status
from services.ops.tail import tail
from services.ops.verify.report import Report
from services.ops.verify.run import Verification, verify
from tests.support.recorded import Record, record_reading
from tests.unit.ops.folders import (
    PROJECTION,
    WRITTEN,
    id_of,
    order,
    read,
    regular,
    usage,
    written,
)

LETTER = DeadLetter("aa01", "shop", "invalid", "what", "$.data", "mend", WRITTEN, b"{}")


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Record:
    return record_reading(monkeypatch)


def busy(path: Path, calls: int) -> DataFolder:
    """A customer who fell silent, and used so much of something on the first day; a dead letter."""
    used = [
        msgspec.structs.replace(usage("A", 0, 1.0), id=f"usage-{number}") for number in range(calls)
    ]

    async def bury(log: SqliteLog) -> None:
        await log.bury([LETTER])

    return written(path, [*regular("A"), *used], 155, work=bury)


async def flagged_now(reading: Reading) -> None:
    await flagged(reading, 10)


async def resolved(reading: Reading) -> None:
    for text in (id_of("A"), "shop:A"):
        found = await resolve_customer(reading.archive, reading.head, text)
        assert found == ResolvedCustomer(id_of("A"))


LOOKS: dict[str, Callable[[Reading], Awaitable[object]]] = {
    "flagged": flagged_now,
    "resolving a customer": resolved,
    "tail of facts": lambda reading: tail(reading.archive, FACTS, None, 3),
    "tail of one customer's facts": lambda reading: tail(reading.archive, FACTS, id_of("A"), 3),
    "tail of signals": lambda reading: tail(reading.archive, SIGNALS, None, 3),
    "tail of one customer's cards": lambda reading: tail(reading.archive, PROFILES, id_of("A"), 3),
    "tail of dead letters": lambda reading: tail(reading.archive, DEAD_LETTERS, None, 3),
    "list of dead letters": lambda reading: list_dead_letters(reading.archive, 3),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_look_costs_the_same_however_many_facts_there_are(
    tmp_path: Path, record: Record, look: Callable[[Reading], Awaitable[object]]
) -> None:
    costs = [cost_of(busy(tmp_path / str(calls), calls), look, record) for calls in (5, 500)]

    assert costs[1] == costs[0]


def cost_of(
    folder: DataFolder, look: Callable[[Reading], Awaitable[object]], record: Record
) -> tuple[int, int]:
    async def looking(reading: Reading) -> None:
        record.forget()
        await look(reading)

    read(folder, looking)
    return record.steps, record.rows


def test_status_costs_the_same_however_many_facts_there_are(tmp_path: Path, record: Record) -> None:
    costs: list[tuple[int, int]] = []
    for calls in (5, 500):
        folder = busy(tmp_path / str(calls), calls)

        async def look(reading: Reading, folder: DataFolder = folder) -> None:
            view = await status(reading, folder, WRITTEN)
            assert (view.log.customers, view.dead_letters) == (1, {"invalid": 1})

        costs.append(cost_of(folder, look, record))

    assert costs[1] == costs[0]


@pytest.mark.parametrize("letters", [1, 40])
def test_dead_letters_are_listed_and_counted_without_their_bytes(
    tmp_path: Path, letters: int
) -> None:
    # given letters of a mebibyte each
    body = b"x" * 1_048_576

    async def bury(log: SqliteLog) -> None:
        for number in range(letters):
            await log.bury([msgspec.structs.replace(LETTER, id=f"a{number}", body=body)])

    folder = written(tmp_path, [order("A", 0)], work=bury)

    # when they are listed, and the status is told
    async def look(reading: Reading) -> int:
        tracemalloc.start()
        try:
            listed = await list_dead_letters(reading.archive, 100)
            assert {letter.size for letter in listed} == {len(body)}
            view = await status(reading, folder, WRITTEN)
            assert view.dead_letters == {"invalid": letters}
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # then not even one of them was in memory
    assert read(folder, look) < len(body)


def silent(path: Path, customers: int) -> DataFolder:
    """So many customers who were raised and placed on a list."""
    facts: list[NewFact] = []
    for number in range(customers):
        facts += regular(f"c{number}")
    return written(path, facts, 155)


async def verified(folder: DataFolder) -> Report:
    report = await verify(folder, lambda _what, _done, _total: None)
    assert (report.found, report.differences) == (0, ())
    return report


def test_verification_costs_twice_as_much_for_twice_the_customers(
    tmp_path: Path, record: Record
) -> None:
    costs: list[int] = []
    for customers in (16, 32, 64):
        folder = silent(tmp_path / str(customers), customers)
        record.forget()
        report = read(folder, lambda _, folder=folder: verified(folder))
        assert report.counts.customers == customers
        assert report.counts.outputs > 2 * customers
        costs.append(record.steps)

    once, twice, four_times = costs
    assert four_times - twice == pytest.approx(2 * (twice - once), rel=0.05)


def test_claims_are_looked_up_together(tmp_path: Path, record: Record) -> None:
    statements: list[int] = []
    for calls in (5, 500):
        folder = busy(tmp_path / str(calls), calls)
        record.forget()
        read(folder, lambda _, folder=folder: verified(folder))
        statements.append(record.statements)

    assert statements[1] == statements[0]


class CountingReader(ProjectionReader):
    """Counts how often the whole quarantine is asked for."""

    times = 0

    async def quarantined(self) -> Sequence[Quarantined]:
        self.times += 1
        return await super().quarantined()


@pytest.mark.parametrize("customers", [2, 20])
def test_the_quarantine_is_not_gone_through_for_each_customer(
    tmp_path: Path, customers: int
) -> None:
    folder = silent(tmp_path, customers)

    async def verify_counting(reading: Reading) -> int:
        reader = CountingReader(folder.projection(PROJECTION))
        try:
            verification = Verification(reading.window, reader, PROJECTION, reading.fold)
            await verification.run(
                reading.head, folder, lambda _what, _done, _total: None, relearn=False
            )
            return reader.times
        finally:
            await reader.close()

    assert read(folder, verify_counting) == 1
