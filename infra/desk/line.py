"""Who waits in line: what a pass would have opened, had its manager not been given its number already.

A row stands from the pass until a second decision on the same signal is written down: its turn came, it
cleared, or another pass looks at everything again.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from events import codec
from events.judgements import SignalRef
from events.marks import Emission
from events.signals import Placement, RiskStanding, SignalReason
from events.values import CustomerId
from infra.desk import tables
from infra.desk.book import Book
from infra.desk.port import Row, blob

ROWS_A_READ = 200
_FIELDS = "projection, partition, sequence, said_under, data, stake, customer_id, reason, service"
_ORDER = f"ORDER BY stake DESC, customer_id, reason, service LIMIT {ROWS_A_READ}"
_FIRST = f"SELECT {_FIELDS} FROM desk_line {_ORDER}"
_NEXT = f"""SELECT {_FIELDS} FROM desk_line WHERE stake < ? OR (stake = ? AND
(customer_id > ? OR (customer_id = ? AND (reason > ? OR (reason = ? AND service > ?))))) {_ORDER}"""
_OF_CUSTOMER = f"SELECT {_FIELDS} FROM desk_line WHERE customer_id = ? ORDER BY reason, service"
_OF_ACCOUNT = f"""SELECT {_FIELDS} FROM desk_line WHERE account = ? AND reason = ?
ORDER BY customer_id, service"""
_standing = msgspec.json.Decoder(RiskStanding)


class Waiting(NamedTuple):
    """A standing that waits, where its customer is now; ``said_under`` is the account it was said of."""

    ref: SignalRef
    signal: RiskStanding
    said_under: str


def wait(book: Book, ref: SignalRef, signal: RiskStanding, service: str) -> None:
    """Put a standing into the line."""
    row = (
        ref.projection,
        ref.partition,
        ref.sequence,
        signal.placement.account,
        signal.customer_id,
        signal.placement.account,
        signal.reason.value,
        service,
        signal.stake.amount,
        codec.encode(signal),
    )
    book.put(tables.PUT_WAITING, row)


def leave(book: Book, waiting: Waiting) -> None:
    """Take a standing out of the line. Whoever does says why, by a second decision."""
    ref = waiting.ref
    book.left.add(ref)
    book.put(tables.DROP_WAITING, (ref.projection, ref.partition, ref.sequence))


def move(book: Book, waiting: Waiting, placement: Placement) -> None:
    """Let a standing wait on where its customer stands now."""
    ref, signal = waiting.ref, waiting.signal
    moved = codec.encode(msgspec.structs.replace(signal, placement=placement))
    place = (ref.projection, ref.partition, ref.sequence)
    book.put(tables.MOVE_WAITING, (placement.account, moved, *place))


def in_order(book: Book) -> Iterator[Waiting]:
    """Iterate over who waits: those with most at stake first, then by customer."""
    rows = book.fetch(_FIRST)
    while rows:
        for waiting in map(_waiting, rows):
            if waiting.ref not in book.left:
                yield waiting
        stake, customer_id, reason, service = rows[-1][5:]
        if not isinstance(stake, int):
            raise TypeError(f"{stake!r} is no stake")
        who, why, which = str(customer_id), str(reason), str(service)
        rows = book.fetch(_NEXT, stake, stake, who, who, why, why, which)


def of_customer(book: Book, customer_id: CustomerId) -> list[Waiting]:
    """Return what waits of a customer."""
    return _still(book, _OF_CUSTOMER, customer_id)


def of_account(book: Book, account: str, reason: SignalReason) -> list[Waiting]:
    """Return what waits of an account for a reason."""
    return _still(book, _OF_ACCOUNT, account, reason.value)


def _still(book: Book, sql: str, *values: str) -> list[Waiting]:
    """Return who waits by a query, and was not taken out of the line in this book already."""
    if book.nobody_waits():
        return []
    found = map(_waiting, book.fetch(sql, *values))
    return [waiting for waiting in found if waiting.ref not in book.left]


def _waiting(row: Row) -> Waiting:
    projection, partition, sequence, said_under, data = row[:5]
    if not isinstance(partition, int) or not isinstance(sequence, int):
        raise TypeError(f"{row[:3]!r} is no place of a signal")
    ref = SignalRef(str(projection), partition, sequence, Emission.LIVE.value)
    return Waiting(ref, _standing.decode(blob(data)), str(said_under))
