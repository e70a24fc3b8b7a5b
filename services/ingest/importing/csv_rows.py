"""The rows of a CSV file: the cells of the map's columns, with line and original bytes."""

import csv
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from types import TracebackType
from typing import Self

from services.ingest.importing.map_model import CsvDialect
from services.ingest.importing.source_file import LineReader, SourceFile

Cells = Sequence[str]


class CsvRows:
    """Reads one file. ``rows`` yields (line, cells in the order of ``columns``); blank lines too."""

    def __init__(self, file: SourceFile, dialect: CsvDialect, columns: Sequence[str]) -> None:
        """Open the file and read its header.

        Raises:
            InputError: it cannot be read, is empty, or lacks a column.
        """
        self._lines = LineReader(file.path, dialect.encoding)
        self._reader = csv.reader(
            iter(self._lines), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        )
        try:
            self._header = self._read_header()
            self._pick = self._picker(columns)
        except BaseException:
            self._lines.close()
            raise

    def rows(self) -> Iterator[tuple[int, Cells | None]]:
        """Yield rows after the header; cells are ``None`` for a blank line.

        Raises:
            InputError: broken quoting, a wrong number of fields, or what `LineReader` raises.
        """
        lines, pick, width = self._lines, self._pick, len(self._header)
        line = lines.line + 1
        try:
            for row in self._reader:
                if len(row) != width:
                    if row:
                        what = f"{len(row)} fields where the header has {width}"
                        raise self._error(line, what, "mend the row; quote fields with a delimiter")
                    yield line, None
                else:
                    yield line, pick(row)
                lines.take()
                line = lines.line + 1
        except csv.Error as error:
            raise self._error(line, f"broken CSV: {error}", "mend the quotes of this row") from None

    def raw(self) -> bytes:
        """Return the original bytes of the row yielded last."""
        return self._lines.take()

    def position(self) -> int:
        """Return how many bytes of the file on disk are behind us."""
        return self._lines.position()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()

    def _read_header(self) -> list[str]:
        try:
            header = next(self._reader, None)
        except csv.Error as error:
            raise self._error(1, f"broken CSV: {error}", "mend the header") from None
        self._lines.take()
        if not header:
            raise self._error(1, "the file is empty", "its first line must name the columns")
        names = [name.strip() for name in header]
        names[0] = names[0].removeprefix("\ufeff").strip(' "')
        return names

    def _picker(self, columns: Sequence[str]) -> Callable[[list[str]], Cells]:
        for name in columns:
            if self._header.count(name) != 1:
                what = f"the header has column {name!r} {self._header.count(name)} times"
                mend = f"its columns are {', '.join(self._header)}; name them so in the map"
                raise self._error(1, what, mend)
        indexes = [self._header.index(name) for name in columns]
        if len(indexes) == 1:
            return lambda row: (row[indexes[0]],)
        return itemgetter(*indexes)

    def _error(self, line: int, what: str, mend: str) -> Exception:
        self._lines.line = line
        return self._lines.error(what, mend)
