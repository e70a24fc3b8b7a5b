"""A file that cannot be read to its end stops the import with file and line; nothing is written."""

import gzip
from pathlib import Path

import pytest

from services.ingest.importing.refusals import ImportRefusedError, InputError
from tests.unit.ingest.importing.import_given import (
    HEADER,
    SHOP_MAP,
    imported,
    london_log,
    request,
    shop_file,
    tried,
    write,
    write_gzip,
)

ROW = "536365,85123A,6,2.55,2010-12-01 08:26,17850.0,France"


def refusal(folder: Path, file: Path, map_text: str = SHOP_MAP) -> str:
    """The message by which an import is refused, after a look at what it left behind."""
    log = london_log()
    asked = request(folder, [file], map_text)
    with pytest.raises(InputError) as caught:
        imported(log, asked)
    assert log.storage.facts == [[]]
    assert log.head is not None
    assert log.head.suspended_by is None
    assert list(asked.spool_dir.iterdir() if asked.spool_dir.exists() else ()) == []
    return str(caught.value).removeprefix(f"{folder}/")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    message = refusal(tmp_path, tmp_path / "none.csv")

    assert message == (
        "none.csv: cannot be read (No such file or directory); check the path and its rights"
    )


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert "cannot be read (Is a directory)" in refusal(tmp_path, tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, write(tmp_path, "sales.csv", "")).startswith(
        "sales.csv:1: the file is empty; its first line must name the columns"
    )


def test_a_missing_column(tmp_path: Path) -> None:
    file = write(tmp_path, "sales.csv", HEADER.replace("Price", "Cost") + ROW + "\n")

    assert refusal(tmp_path, file) == (
        "sales.csv:1: the header has column 'Price' 0 times; its columns are "
        "Invoice, Sku, Pieces, Cost, Date, Customer, Country; name them so in the map"
    )


def test_a_column_that_stands_there_twice(tmp_path: Path) -> None:
    file = write(tmp_path, "sales.csv", HEADER.replace("Country", "Price") + ROW + "\n")

    assert "sales.csv:1: the header has column 'Price' 2 times" in refusal(tmp_path, file)


@pytest.mark.parametrize(("row", "fields"), [("536365,85123A,6", 3), (ROW + ",more", 8)])
def test_a_wrong_number_of_fields(row: str, fields: int, tmp_path: Path) -> None:
    message = refusal(tmp_path, shop_file(tmp_path, ROW, ROW, row, ROW))

    assert message.startswith(f"sales.csv:4: {fields} fields where the header has 7; ")


def test_the_wrong_delimiter_is_seen_in_the_header(tmp_path: Path) -> None:
    file = write(tmp_path, "sales.csv", (HEADER + ROW + "\n").replace(",", ";"))

    assert "sales.csv:1: the header has column 'Invoice' 0 times" in refusal(tmp_path, file)


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    message = refusal(tmp_path, shop_file(tmp_path, ROW, '536366,"85123A,6,2.55', ROW))

    assert message.startswith("sales.csv:3: broken CSV: unexpected end of data; ")


def test_text_after_a_closing_quote(tmp_path: Path) -> None:
    message = refusal(tmp_path, shop_file(tmp_path, ROW.replace("85123A", '"85"123A')))

    assert message.startswith("sales.csv:2: broken CSV: ',' expected after '\"'; ")


def test_a_quote_in_the_header_that_is_never_closed(tmp_path: Path) -> None:
    assert "sales.csv:1: broken CSV" in refusal(tmp_path, write(tmp_path, "sales.csv", '"Invoice'))


def test_a_field_longer_than_any_field(tmp_path: Path) -> None:
    message = refusal(tmp_path, shop_file(tmp_path, ROW.replace("85123A", "8" * 200_000)))

    assert message.startswith("sales.csv:2: broken CSV: field larger than field limit")


def test_a_line_without_end(tmp_path: Path) -> None:
    message = refusal(tmp_path, shop_file(tmp_path, "x," * 1_000_000))

    assert message.startswith("sales.csv:2: the line is longer than 1 MiB; ")


def test_a_byte_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(HEADER.encode() + f"{ROW}\n{ROW}".encode().replace(b"ance", b"an\xe7ais"))

    assert refusal(tmp_path, path) == (
        "sales.csv:2: byte 0xE7 in column 51 is not utf-8; "
        "set csv.encoding in the map, such as cp1252"
    )


def test_a_truncated_archive(tmp_path: Path) -> None:
    rows = "".join(f"{i},85123A,6,2.55,2010-12-01 08:26,{i * 7919},France\n" for i in range(2_000))
    whole = gzip.compress((HEADER + rows).encode(), mtime=0)
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])

    message = refusal(tmp_path, path)

    place, _, what = message.partition(": ")
    assert what == "the gzip archive ends early, after this line; fetch or export the file again"
    assert int(place.split(":")[1]) > 100


def test_an_archive_with_a_wrong_check_sum(tmp_path: Path) -> None:
    path = write_gzip(tmp_path, "sales.csv.gz", HEADER + ROW + "\n")
    broken = bytearray(path.read_bytes())
    broken[-8] ^= 1
    path.write_bytes(broken)

    message = refusal(tmp_path, path)

    assert "CRC check failed" in message
    assert message.endswith("fetch or export the file again")


def test_garbage_behind_the_magic_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(b"\x1f\x8b" + b"garbage" * 10)

    assert refusal(tmp_path, path).startswith("sales.csv.gz:1: cannot be read on from here")


def test_the_same_content_twice(tmp_path: Path) -> None:
    first = shop_file(tmp_path, ROW, name="a.csv")
    second = shop_file(tmp_path, ROW, name="b.csv")

    with pytest.raises(InputError, match=r"b\.csv: has the same content as .*a\.csv; give each"):
        tried(request(tmp_path, [second, first]))


def test_another_time_zone_than_that_of_the_log(tmp_path: Path) -> None:
    text = SHOP_MAP.replace("log: {timezone: Europe/London", "log: {timezone: Asia/Tokyo")
    log, asked = london_log(), request(tmp_path, [shop_file(tmp_path, ROW)], text)

    with pytest.raises(ImportRefusedError) as caught:
        imported(log, asked)

    assert str(caught.value) == (
        "the map says log.timezone Asia/Tokyo, but the days of this log are those of Europe/London,"
        " for good; write that into the map if its facts may be counted by those days, or import"
        " into another data folder"
    )
    assert log.storage.facts == [[]]
    with pytest.raises(ImportRefusedError, match=r"log\.timezone Asia/Tokyo"):
        tried(asked)


def test_another_currency_than_that_of_the_log(tmp_path: Path) -> None:
    text = SHOP_MAP.replace("currency: GBP}", "currency: EUR}")

    with pytest.raises(ImportRefusedError, match=r"the map says log\.currency EUR, but this log"):
        imported(london_log(), request(tmp_path, [shop_file(tmp_path, ROW)], text))
