"""By which index SQLite finds what is read often: without one, a read costs the size of the log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from events.catalogue import DERIVED_TOPICS, PROFILES, SIGNALS, SNAPSHOTS
from events.marks import Emission
from events.values import CustomerId
from infra.archive.port import FactArchive
from infra.log.records import Output, OutputRecord
from infra.state.port import START, Commit, Position, StateRow
from infra.state.sqlite import SqliteStateStore
from tests.conformance.backends import SqliteLogBackend, opened, reading
from tests.conformance.stores import STORE
from tests.support.given import DAY, id_of, order
from tests.support.recorded import Record, record_reading
from tests.support.world import PROJECTION, awaited

ANNA = id_of("anna")

Read = Callable[[FactArchive], Awaitable[object]]


def new_folder(parent: Path, number: int) -> Path:
    folder = parent / str(number)
    folder.mkdir()
    return folder


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Record:
    return record_reading(monkeypatch)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with a little of everything, which is all that a plan needs."""
    folder = tmp_path_factory.mktemp("plans")

    async def made() -> None:
        async with opened(SqliteLogBackend(folder)) as log:
            await log.append([order("anna", DAY), order("bert", DAY + 1)])

    asyncio.run(made())
    return folder / "log.db"


async def claimed(archive: FactArchive) -> object:
    assert archive.claims is not None
    return await archive.claims.claimed([b"\x01", b"\x02"])


async def told(archive: FactArchive, customer_id: CustomerId | None) -> Sequence[OutputRecord]:
    if customer_id is None:
        return await archive.outputs_of_nobody(0, PROJECTION, 10_000)
    return await archive.outputs_of(customer_id, PROJECTION, 10_000)


PLANS: dict[str, tuple[Read, str]] = {
    "a customer's facts": (
        lambda archive: archive.slice(ANNA, 100),
        "SEARCH facts USING INDEX facts_by_customer (customer_id=?",
    ),
    "a customer's first fact": (
        lambda archive: archive.first_fact(ANNA),
        "SEARCH facts USING INDEX facts_by_customer (customer_id=?",
    ),
    "a customer's newest facts": (
        lambda archive: archive.newest_facts(0, 5, ANNA),
        "SEARCH facts USING INDEX facts_by_customer (customer_id=?",
    ),
    "the newest facts": (lambda archive: archive.newest_facts(0, 5, None), "SCAN facts"),
    "the marks": (
        lambda archive: archive.marks(0, 100),
        "SEARCH facts USING INDEX marks (offset<?",
    ),
    "how many marks": (lambda archive: archive.mark_count(0), "SCAN facts USING INDEX marks"),
    "a customer's newest signals": (
        lambda archive: archive.newest_outputs(SIGNALS, 5, ANNA),
        "SEARCH signals USING INDEX signals_by_customer (customer_id=?",
    ),
    "the newest cards": (
        lambda archive: archive.newest_outputs(PROFILES, 5, None),
        "SCAN profiles",
    ),
    "the newest letters": (
        lambda archive: archive.dead_letters(5),
        "SCAN dead_letters USING INDEX dead_letters_by_age",
    ),
    "the newest letters without their bytes": (
        lambda archive: archive.listed_letters(5),
        "SCAN dead_letters USING INDEX dead_letters_by_age",
    ),
    "how many letters of each reason": (
        lambda archive: archive.letter_counts(),
        "SCAN dead_letters USING COVERING INDEX dead_letters_by_reason",
    ),
    "a letter by the beginning of its id": (
        lambda archive: archive.dead_letter("ab"),
        "SEARCH dead_letters USING INDEX sqlite_autoindex_dead_letters_1 (id>? AND id<?",
    ),
    "claims": (
        claimed,
        "SEARCH claims USING PRIMARY KEY (claim=?",
    ),
}


@pytest.mark.parametrize(("read", "plan"), PLANS.values(), ids=PLANS.keys())
@awaited
async def test_the_archive_reads_by_an_index_or_stops_at_its_limit(
    path: Path, record: Record, read: Read, plan: str
) -> None:
    async with reading(path) as archive:
        record.forget()
        await read(archive)

    (line, *others) = record.plan()
    assert line.startswith(plan)
    assert others in ([], ["USE TEMP B-TREE FOR ORDER BY"]), "only one customer's own are sorted"


@pytest.mark.parametrize("customer_id", [ANNA, None], ids=["a customer", "nobody"])
@awaited
async def test_outputs_of_a_customer_and_of_nobody_are_found_by_an_index_in_every_topic(
    path: Path, record: Record, customer_id: CustomerId | None
) -> None:
    async with reading(path) as archive:
        record.forget()
        await told(archive, customer_id)

    tables = [topic.removeprefix("crm.") for topic in DERIVED_TOPICS]
    assert record.plan() == [
        f"SEARCH {table} USING INDEX {table}_by_customer (customer_id=? AND sequence<?)"
        for table in tables
    ]


@pytest.mark.parametrize("customer_id", [ANNA, None], ids=["a customer", "nobody"])
@awaited
async def test_what_others_were_told_costs_a_customer_nothing(
    tmp_path: Path, record: Record, customer_id: CustomerId | None
) -> None:
    costs: list[int] = []
    for others in (10, 1_000):
        async with opened(SqliteLogBackend(new_folder(tmp_path, others))) as log:
            names = [None, "anna", *(f"other {number}" for number in range(others))]
            await log.publish(PROJECTION, 0, [said(name, n) for n, name in enumerate(names)])
        async with reading(tmp_path / str(others) / "log.db") as archive:
            record.forget()
            assert len(await told(archive, customer_id)) == 1
            costs.append(record.steps)

    assert costs[1] == costs[0]


def said(customer: str | None, sequence: int) -> Output:
    customer_id = None if customer is None else id_of(customer)
    return Output(SIGNALS, sequence, "crm.any.v1", customer_id, DAY, Emission.LIVE, b"{}")


@awaited
async def test_the_snapshots_of_a_projection_cost_nothing_of_another(
    tmp_path: Path, record: Record
) -> None:
    costs: list[int] = []
    for others in (1, 500):
        async with opened(SqliteLogBackend(new_folder(tmp_path, others))) as log:
            for projection, count in ((PROJECTION, 3), ("another", others)):
                snapshots = [
                    Output(SNAPSHOTS, n, "crm.any.v1", ANNA, DAY, Emission.LIVE, b"{}")
                    for n in range(count)
                ]
                await log.publish(projection, 0, snapshots)
        async with reading(tmp_path / str(others) / "log.db") as archive:
            record.forget()
            assert len([each async for each in archive.snapshots(PROJECTION, 0)]) == 3
            costs.append(record.steps)

    (line,) = record.plan()
    assert line.startswith("SEARCH snapshots USING INDEX sqlite_autoindex_snapshots_1")
    assert costs[1] == costs[0]


@awaited
async def test_customers_are_counted_without_counting_their_facts(
    tmp_path: Path, record: Record
) -> None:
    costs: list[int] = []
    for facts in (2, 500):
        async with opened(SqliteLogBackend(new_folder(tmp_path, facts))) as log:
            for customer in ("anna", "bert"):
                await log.append(
                    [order(customer, DAY, fact_id=f"{customer} {n}") for n in range(facts)]
                )
        async with reading(tmp_path / str(facts) / "log.db") as archive:
            record.forget()
            assert await archive.customer_count() == 2
            costs.append(record.steps)

    assert costs[1] == costs[0]


def opened_store(folder: Path, undue: int) -> SqliteStateStore:
    store = SqliteStateStore(folder / "projection-first.db", STORE)
    rows = [StateRow(CustomerId(f"{n:08}"), b"x", DAY + 9, standing=False) for n in range(undue)]
    rows.append(StateRow(CustomerId("7"), b"due", DAY, standing=True))
    asyncio.run(store.commit(START, Commit(Position(1), rows)))
    return store


@pytest.mark.parametrize("after", [None, CustomerId("0"), CustomerId("8")])
def test_a_day_costs_its_due_customers_and_no_others(
    tmp_path: Path, record: Record, after: CustomerId | None
) -> None:
    costs: list[int] = []
    for undue in (10, 2_000):
        store = opened_store(new_folder(tmp_path, undue), undue)
        record.forget()
        asyncio.run(store.due(DAY, after, 100))
        costs.append(record.steps)
        asyncio.run(store.close())

        assert "SEARCH states USING COVERING INDEX states_due (due_day<?)" in record.plan()
        assert not [line for line in record.plan() if line.startswith("SCAN")]
    assert costs[1] == costs[0]


def test_what_stands_is_found_without_looking_at_what_does_not(
    tmp_path: Path, record: Record
) -> None:
    costs: list[int] = []
    for calm in (10, 2_000):
        store = opened_store(new_folder(tmp_path, calm), calm)
        record.forget()
        asyncio.run(store.standing(None, 100))
        costs.append(record.steps)
        asyncio.run(store.close())

        assert record.plan() == ["SEARCH states USING INDEX states_standing (customer_id>?)"]
    assert costs[1] == costs[0]
