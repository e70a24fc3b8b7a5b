"""What the import's tests are given: a shop's map, its files, a London log, and one way to import."""

import asyncio
import gzip
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from events.catalogue import REGISTRY
from events.control import ClockMode, LogCreated
from events.orders import OrderPlaced
from infra.log.memory import MemoryLog
from infra.log.records import FactRecord
from services.ingest.door import Door
from services.ingest.importing.claims import NoClaims
from services.ingest.importing.dry_run import dry_run
from services.ingest.importing.first_pass import Progress
from services.ingest.importing.map_file import MapFile, load_map
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.run import run_import
from services.ingest.importing.summary import DryRunReport, ImportSummary
from tests.unit.ingest.door_given import LONDON, StandingClock, at

NOON = "2026-03-14T12:00:00+00:00"
HEADER = "Invoice,Sku,Pieces,Price,Date,Customer,Country\n"

SHOP_MAP = """\
source: shop
log: {timezone: Europe/London, currency: GBP}
columns:
  Invoice: text
  Sku: text
  Pieces: integer
  Price: decimal
  Date: {type: time, format: "%Y-%m-%d %H:%M", timezone: Europe/London}
  Customer: {type: text, strip_suffix: ".0"}
  Country: text
skip:
  - reason: no-customer
    when: {column: Customer, empty: true}
facts:
  - type: crm.customer.registered.v1
    group_by: [Customer]
    id: "customer:{Customer}"
    time: Date
    data:
      customer: {system: shop, key: {$column: Customer}}
      kind: individual
      region: {$column: Country}
  - type: crm.order.placed.v1
    when: {not: {column: Invoice, starts_with: C}}
    group_by: [Invoice, Customer]
    id: "order:{Invoice}:{Customer}"
    time: Date
    data:
      customer: {system: shop, key: {$column: Customer}}
      order_id: {$column: Invoice}
      total:
        amount: {$sum: {$money: [Pieces, Price]}}
        currency: GBP
      lines:
        $lines:
          sku: {$column: Sku}
          quantity: {value: {$column: Pieces}, unit: piece}
          amount: {$money: [Pieces, Price]}
  - type: crm.order.returned.v1
    when: {column: Invoice, starts_with: C}
    group_by: [Invoice, Customer]
    id: "return:{Invoice}:{Customer}"
    time: Date
    data:
      customer: {system: shop, key: {$column: Customer}}
      return_id: {$column: Invoice}
      total:
        amount: {$sum: {$money: [Pieces, Price], absolute: true}}
        currency: GBP
"""

USAGE_MAP = """\
source: network
columns:
  Id: text
  Volume: decimal
  At: time
  Customer: text
facts:
  - type: crm.usage.recorded.v1
    id: "usage:{Id}"
    time: At
    data:
      customer: {system: billing, key: {$column: Customer}}
      service: mobile-data
      quantity: {value: {$column: Volume}, unit: GB}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def write_gzip(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def shop_file(folder: Path, *rows: str, name: str = "sales.csv") -> Path:
    """A file of the shop, with a line for each row under the header."""
    return write(folder, name, HEADER + "".join(f"{row}\n" for row in rows))


def map_of(folder: Path, text: str) -> MapFile:
    return load_map(write(folder, "shop.map.yaml", text))


@cache
def parsed(text: str) -> MapFile:
    """A map that is right; reading it takes longer than most imports here."""
    with tempfile.TemporaryDirectory() as folder:
        return map_of(Path(folder), text)


def london_log(identity: LogCreated = LONDON) -> MemoryLog:
    """An empty log that was created, in memory."""
    log = MemoryLog(1, StandingClock(NOON))
    asyncio.run(log.create(identity, ClockMode.WALL))
    return log


def request(
    folder: Path,
    files: Sequence[Path],
    map_text: str = SHOP_MAP,
    *,
    dead_letter_late: bool = False,
    long_history: bool = False,
) -> ImportRequest:
    return ImportRequest(
        files=tuple(files),
        map=parsed(map_text),
        spool_dir=folder / "data" / "imports",
        wall_now=at(NOON),
        dead_letter_late=dead_letter_late,
        long_history=long_history,
    )


def unheard(_: Progress) -> None:
    """A report that nobody listens to."""


def imported(log: MemoryLog, asked: ImportRequest) -> ImportSummary:
    assert log.head is not None
    return asyncio.run(run_import(log, Door(log.head.identity), asked, unheard))


def tried(asked: ImportRequest, open_day: int | None = None) -> DryRunReport:
    return asyncio.run(dry_run(Door(LONDON), asked, unheard, open_day, NoClaims()))


def facts_in(log: MemoryLog) -> list[FactRecord]:
    """The facts of a log without its marks, in order."""
    return [record for record in log.storage.facts[0] if record.customer_id is not None]


def events_in(log: MemoryLog) -> list[tuple[str, object]]:
    """(id, decoded data) of each fact in a log, in order."""
    return [(str(fact.id), REGISTRY.decode(fact.type, fact.data)) for fact in facts_in(log)]


def ids_in(log: MemoryLog) -> list[str]:
    return [name for name, _ in events_in(log)]


def order_in(log: MemoryLog, event_id: str) -> OrderPlaced:
    """The order that stands under an id."""
    order = dict(events_in(log))[event_id]
    assert isinstance(order, OrderPlaced)
    return order
