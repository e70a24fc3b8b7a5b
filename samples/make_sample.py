"""Cuts samples/online-retail-sample.csv.gz out of the full Online Retail file.

    python samples/make_sample.py online_retail.csv.gz samples/online-retail-sample.csv.gz

A customer is in the sample with all of its lines, or not at all; a hash of its id decides. The same
input always gives the same bytes.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

SHARE = 0.3
CUSTOMER = 6
KEEP_EVERY_NTH_WITHOUT_CUSTOMER = 1_000
"""A few of the lines without a customer stay, so that an import shows that it skips them."""


def is_chosen(customer: str) -> bool:
    """Tell whether a customer is in the sample; about `SHARE` of them are.

    >>> is_chosen("12347.0"), is_chosen("12346.0")
    (True, False)
    """
    digest = blake2b(customer.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < SHARE * 2**64


def chosen_rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the header, all rows of chosen customers, and a few rows without a customer."""
    yield next(rows)
    without_customer = 0
    for row in rows:
        if row[CUSTOMER]:
            if is_chosen(row[CUSTOMER]):
                yield row
        else:
            if without_customer % KEEP_EVERY_NTH_WITHOUT_CUSTOMER == 0:
                yield row
            without_customer += 1


def make_sample(source: Path, target: Path) -> None:
    """Write the sample, without the time and name that a gzip header would hold."""
    text = io.StringIO(newline="")
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        csv.writer(text, lineterminator="\n").writerows(chosen_rows(csv.reader(file)))
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as zipped,
    ):
        zipped.write(text.getvalue().encode())


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]), Path(sys.argv[2]))
