"""Rows of CSV files: their cells, their lines, their original bytes, whatever the file looks like."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.importing.csv_rows import Cells, CsvRows
from services.ingest.importing.map_model import CsvDialect
from services.ingest.importing.refusals import InputError
from services.ingest.importing.source_file import describe_files, import_id_of
from tests.unit.ingest.importing.import_given import SHOP_MAP, USAGE_MAP, parsed

PLAIN = CsvDialect()


def rows_of(
    path: Path, *columns: str, dialect: CsvDialect = PLAIN
) -> list[tuple[int, Cells | None, bytes]]:
    """(line, cells, original bytes) of every row."""
    (file,) = describe_files([path])
    with CsvRows(file, dialect, columns) as rows:
        return [(line, cells and tuple(cells), rows.raw()) for line, cells in rows.rows()]


def saved(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_cells_come_in_the_order_of_the_columns_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, b"a,b,c\n1,2,3\n4,5,6\n")

    assert rows_of(path, "c", "a") == [(2, ("3", "1"), b"1,2,3\n"), (3, ("6", "4"), b"4,5,6\n")]


def test_one_column_may_be_asked_for(tmp_path: Path) -> None:
    assert rows_of(saved(tmp_path, b"a,b\n1,2\n"), "b") == [(2, ("2",), b"1,2\n")]


def test_an_archive_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    zipped = saved(tmp_path, gzip.compress(b"a\n1\n"), "zipped.csv")
    plain = saved(tmp_path, b"a\n1\n", "plain.csv.gz")

    assert rows_of(zipped, "a") == rows_of(plain, "a") == [(2, ("1",), b"1\n")]


def test_archives_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(b"a\n1\n") + gzip.compress(b"2\n"))

    assert [cells for _, cells, _ in rows_of(path, "a")] == [("1",), ("2",)]


def test_a_row_over_several_lines_bears_the_number_of_its_first(tmp_path: Path) -> None:
    path = saved(tmp_path, b'a,b\n"x\ny\n",2\n3,4\n')

    assert rows_of(path, "a", "b") == [
        (2, ("x\ny\n", "2"), b'"x\ny\n",2\n'),
        (5, ("3", "4"), b"3,4\n"),
    ]


def test_blank_lines_are_rows_without_cells(tmp_path: Path) -> None:
    path = saved(tmp_path, b"a,b\n\n1,2\n\r\n")

    assert rows_of(path, "a") == [(2, None, b"\n"), (3, ("1",), b"1,2\n"), (4, None, b"\r\n")]


def test_line_ends_of_other_systems_and_a_missing_last_one_are_read(tmp_path: Path) -> None:
    path = saved(tmp_path, b"a,b\r\n1,2\r\n3,4")

    assert rows_of(path, "b") == [(2, ("2",), b"1,2\r\n"), (3, ("4",), b"3,4")]


def test_names_in_the_header_may_have_blanks_and_quotes_around_them(tmp_path: Path) -> None:
    path = saved(tmp_path, b'\xef\xbb\xbf"a" , b\n1,2\n')

    assert rows_of(path, "a", "b") == [(2, ("1", "2"), b"1,2\n")]


def test_a_quote_within_quotes_is_doubled(tmp_path: Path) -> None:
    assert rows_of(saved(tmp_path, b'a\n"say ""hi"""\n'), "a")[0][1] == ('say "hi"',)


def test_a_carriage_return_alone_ends_no_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv:1: broken CSV"):
        rows_of(saved(tmp_path, b"a,b\r1,2\r"), "a")


def test_the_position_goes_to_the_end_of_the_file_on_disk(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(b"a\n" + b"1\n" * 1_000))
    (file,) = describe_files([path])
    with CsvRows(file, PLAIN, ("a",)) as rows:
        for _ in rows.rows():
            pass
        assert rows.position() == file.size


CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=8)


@settings(max_examples=60)
@given(table=st.lists(st.tuples(CELLS, CELLS), max_size=12))
def test_any_text_comes_back_as_it_was_written_and_so_do_its_bytes(
    table: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    content = ("a,b\n" + "".join(f"{row}\n" for row in quoted)).encode()
    path = saved(tmp_path_factory.mktemp("rows"), content)

    rows = rows_of(path, "a", "b")

    assert [cells for _, cells, _ in rows] == table
    assert b"a,b\n" + b"".join(raw for _, _, raw in rows) == content


@settings(max_examples=100)
@given(content=st.binary(max_size=200))
def test_no_bytes_do_worse_than_an_error_with_file_and_line(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = saved(tmp_path_factory.mktemp("garbage"), b"a,b\n" + content)
    refusals: list[InputError] = []

    try:
        rows = rows_of(path, "a", "b")
    except InputError as error:
        refusals.append(error)

    if refusals:
        assert f"{path}:{refusals[0].line}: " in str(refusals[0])
    else:
        assert b"".join(raw for _, _, raw in rows) == content


def test_files_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    second = saved(tmp_path, b"a\n2\n", "b.csv")
    first = saved(tmp_path, b"a\n1\n", "a.csv")

    assert [file.path for file in describe_files([second, first])] == [first, second]


def test_files_of_one_name_count_in_the_order_of_their_digests(tmp_path: Path) -> None:
    paths = []
    for year in ("2023", "2024"):
        (tmp_path / year).mkdir()
        paths.append(saved(tmp_path / year, f"a\n{year}\n".encode()))

    assert describe_files(paths) == describe_files(paths[::-1])


def test_an_import_is_known_by_contents_and_map_not_by_folders(tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    files = describe_files([saved(tmp_path, b"a\n1\n")])
    moved = describe_files([saved(tmp_path / "moved", b"a\n1\n")])
    changed = describe_files([saved(tmp_path, b"a\n2\n", "c.csv")])
    shop, network = parsed(SHOP_MAP), parsed(USAGE_MAP)

    assert import_id_of(files, shop) == import_id_of(moved, shop)
    assert len({import_id_of(files, shop), import_id_of(changed, shop)}) == 2
    assert import_id_of(files, shop) != import_id_of(files, network)
    assert len(import_id_of(files, shop)) == 32
