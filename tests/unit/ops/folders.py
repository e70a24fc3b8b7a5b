"""Small data folders with literal histories, made by the parts that make real ones."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events import codec
from events.calendar import BusinessCalendar, instant_of
from events.catalogue import REGISTRY
from events.control import ClockMode, LogCreated, ProjectionCreated
from events.customers import AccountAssigned, CustomerRegistered
from events.identity import CustomerNamespace
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerId, CustomerKind, CustomerRef, Money, Quantity
from infra.folder import DataFolder
from infra.log.records import NewFact
from infra.log.sqlite import SqliteLog
from infra.state.port import StoreIdentity
from infra.state.sqlite import SqliteStateStore
from infra.stream.runner import Partition, PartitionRunner
from services.ops.reading import Reading, open_reading

T = TypeVar("T")

IDENTITY = LogCreated(
    "7d3c2b1a-0000-4000-8000-000000000001",
    "Europe/London",
    "GBP",
    "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
)
LONDON = BusinessCalendar("Europe/London")
PROJECTION = "7d3c2b1a-5fd4-1"
RELEASE = fingerprint(CustomerFold(IDENTITY.currency))
START = datetime.date(2011, 1, 3)
ENGLISH_NOON = datetime.time(12, 0, tzinfo=datetime.UTC)
WRITTEN = instant_of(datetime.datetime(2024, 5, 6, 7, 8, tzinfo=datetime.UTC))


class StandingClock:
    """A clock that shows one time."""

    def __init__(self, instant: int = WRITTEN) -> None:
        self.instant = instant

    def now(self) -> int:
        return self.instant


def ref(key: str, system: str = "shop") -> CustomerRef:
    return CustomerRef(system, key)


def id_of(key: str, system: str = "shop") -> CustomerId:
    return CustomerNamespace(IDENTITY.namespace).id_of(ref(key, system))


def moment(days: int, time: datetime.time = ENGLISH_NOON) -> int:
    """An instant so many days after the start, at noon UTC unless said otherwise."""
    return instant_of(datetime.datetime.combine(START + datetime.timedelta(days), time))


class Fact(Protocol):
    """What every fact has."""

    @property
    def customer(self) -> CustomerRef:
        """How its source names its customer."""


def fact(event: Fact, name: str, instant: int) -> NewFact:
    assert isinstance(event, msgspec.Struct)
    return NewFact(
        REGISTRY.name_of(event),
        CustomerNamespace(IDENTITY.namespace).id_of(event.customer),
        event.customer.system,
        name,
        instant,
        LONDON.day_of(instant),
        codec.encode(event),
    )


def order(key: str, days: int, pence: int = 10_000, system: str = "shop") -> NewFact:
    event = OrderPlaced(ref(key, system), f"O-{key}-{days}", Money(pence, "GBP"))
    return fact(event, f"order-{key}-{days}-{pence}", moment(days))


def returned(key: str, days: int, pence: int) -> NewFact:
    event = OrderReturned(ref(key), f"R-{key}-{days}", Money(pence, "GBP"))
    return fact(event, f"return-{key}-{days}", moment(days))


def usage(key: str, days: int, gigabytes: float) -> NewFact:
    event = UsageRecorded(ref(key), "mobile-data", Quantity(gigabytes, "GB"))
    return fact(event, f"usage-{key}-{days}", moment(days))


def registered(key: str, days: int, name: str | None = None) -> NewFact:
    event = CustomerRegistered(
        ref(key), CustomerKind.GROUP_SMALL, "gold", "retail", "north", name=name
    )
    return fact(event, f"registered-{key}-{days}", moment(days))


def assigned(key: str, days: int, account: str, owner: str) -> NewFact:
    event = AccountAssigned(ref(key), account, owner)
    return fact(event, f"assigned-{key}-{days}", moment(days))


def regular(key: str, pence: int = 10_000, until: int = 100) -> list[NewFact]:
    """A customer who orders every ten days, from the start to the day ``until``."""
    return [order(key, days, pence) for days in range(0, until + 1, 10)]


async def write(
    path: Path,
    facts: Sequence[NewFact],
    up_to: int | None = None,
    work: Callable[[SqliteLog], Awaitable[None]] | None = None,
    *,
    fold: bool = True,
    mode: ClockMode = ClockMode.LOG,
) -> DataFolder:
    """Write facts in the order of their days, open days up to ``up_to``, and fold it all."""
    folder = DataFolder(path)
    await asyncio.to_thread(path.mkdir, parents=True, exist_ok=True)
    log = await SqliteLog.open(folder.log, StandingClock())
    try:
        if log.head is None:
            await log.create(IDENTITY, mode)
            await log.create_projection(ProjectionCreated(PROJECTION, RELEASE))
        await log.append(sorted(facts, key=lambda one: one.day))
        if up_to is not None:
            await log.advance(LONDON.day_of(moment(up_to)))
        if work is not None:
            await work(log)
        if fold:
            await fold_all(folder, log)
    finally:
        await log.close()
    return folder


async def fold_all(folder: DataFolder, log: SqliteLog, fold: CustomerFold | None = None) -> None:
    """Run the projection up to the end of the log, with another fold if one is given."""
    identity = StoreIdentity(IDENTITY.log_id, PROJECTION, RELEASE, 0)
    store = await SqliteStateStore.open(folder.projection(PROJECTION), identity)
    runner = PartitionRunner(Partition(PROJECTION, 0), fold or CustomerFold("GBP"), log, store)
    try:
        await (await runner.start()).catch_up()
    finally:
        runner.close()
        await store.close()


def written(
    path: Path,
    facts: Sequence[NewFact],
    up_to: int | None = None,
    work: Callable[[SqliteLog], Awaitable[None]] | None = None,
    *,
    fold: bool = True,
    mode: ClockMode = ClockMode.LOG,
) -> DataFolder:
    """The same, for tests, which are not asynchronous."""
    return asyncio.run(write(path, facts, up_to, work, fold=fold, mode=mode))


def read(folder: DataFolder, query: Callable[[Reading], Awaitable[T]]) -> T:
    """Ask a folder something through one snapshot."""

    async def asking() -> T:
        async with open_reading(folder) as reading:
            return await query(reading)

    return asyncio.run(asking())
