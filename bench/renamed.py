"""A copy of a sales history whose customers bear other names and whose minutes are shuffled.

Nothing that is said of customers may depend on either: names only decide the weekday of a snapshot.
"""

import csv
import gzip
import random
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

SEED = 20_111_209


def write_renamed(source: Path, into: Path, salt: str = "renamed") -> None:
    """Write the copy as plain CSV, its lines in the order of their minutes."""
    chance = random.Random(SEED)
    with into.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for minute in _minutes(source):
            chance.shuffle(minute)
            for row in minute:
                if writer is None:
                    writer = csv.DictWriter(file, fieldnames=list(row))
                    writer.writeheader()
                writer.writerow(row | {"CustomerID": _renamed(row["CustomerID"], salt)})


def _minutes(source: Path) -> Iterator[list[dict[str, str]]]:
    opened = gzip.open if source.suffix == ".gz" else open
    with opened(source, "rt", encoding="utf-8", newline="") as file:
        for _, rows in groupby(csv.DictReader(file), key=lambda row: row["InvoiceDate"]):
            yield list(rows)


def _renamed(customer: str, salt: str) -> str:
    """Return another number for a customer; the lines of nobody stay so."""
    if not customer:
        return ""
    digest = blake2b(f"{salt}:{customer}".encode(), digest_size=6).digest()
    return f"{int.from_bytes(digest, 'big')}.0"
