"""Cells of a file as values: text, whole and decimal numbers, instants. An empty cell is ``None``.

A column's values repeat, so each reader remembers what it has read: a cell costs one dict look-up.
"""

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from events.calendar import instant_of
from services.ingest.importing.map_model import Column, NumberColumn, TextColumn, TimeColumn

REMEMBERED = 50_000
"""How many different cells a column's reader remembers before it begins anew."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?|[+-]?\.[0-9]{1,15}")

Value = str | int | Decimal | None
Values = Sequence[Value]


class RowProblem(StrEnum):
    """Why a row cannot be mapped. A name here is stable for ever."""

    BAD_NUMBER = "bad-number"
    BAD_TIME = "bad-time"
    UNLISTED_VALUE = "unlisted-value"
    MISSING_VALUE = "missing-value"


class UnmappableError(Exception):
    """A row cannot become part of a fact."""

    def __init__(self, reason: RowProblem, detail: str, mend: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.mend = mend


class CellReader(dict[str, Value]):
    """Reads the cells of one column: ``reader[cell]``. Raises `UnmappableError`."""

    def __missing__(self, cell: str) -> Value:
        stripped = cell.strip()
        value = self.read(stripped) if stripped else None
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = value
        return value

    def read(self, cell: str) -> Value:
        """Return the value of a cell that is not empty."""
        raise NotImplementedError


class TextReader(CellReader):
    """Text, stripped and perhaps translated."""

    def __init__(self, name: str, column: TextColumn) -> None:
        super().__init__()
        self._name = name
        self._column = column

    def read(self, cell: str) -> Value:
        """Return the text; one that ``values`` does not list is refused."""
        text = cell.removeprefix(self._column.strip_prefix).removesuffix(self._column.strip_suffix)
        if self._column.values is None:
            return text.strip() or None
        if text not in self._column.values:
            detail = f"{self._name}: {text!r} is not among the values that the map lists"
            raise UnmappableError(
                RowProblem.UNLISTED_VALUE, detail, "add it to the column's values"
            )
        return self._column.values[text] or None


class NumberReader(CellReader):
    """A whole number as ``int``, a decimal one as ``Decimal``. No exponents, no NaN."""

    def __init__(self, name: str, column: NumberColumn) -> None:
        super().__init__()
        self._name = name
        self._column = column

    def read(self, cell: str) -> Value:
        """Return the number."""
        text = cell.removeprefix(self._column.strip_prefix).removesuffix(self._column.strip_suffix)
        text = text.strip()
        if self._column.thousands is not None:
            text = text.replace(self._column.thousands, "")
        if self._column.decimal_mark == ",":
            text = text.replace(".", "?").replace(",", ".")
        whole = self._column.type == "integer"
        if _NUMBER.fullmatch(text) is None or (whole and "." in text):
            detail = f"{self._name}: {cell[:60]!r} is not {self._column.type}"
            raise UnmappableError(RowProblem.BAD_NUMBER, detail, "mend the number in the file")
        return int(text) if whole else Decimal(text)


class TimeReader(CellReader):
    """An instant: microseconds since the epoch."""

    def __init__(self, name: str, column: TimeColumn) -> None:
        super().__init__()
        self._name = name
        self._format = column.format
        self._zone = None if column.timezone is None else ZoneInfo(column.timezone)

    def read(self, cell: str) -> Value:
        """Return the instant. Of a local time that occurs twice, the first is meant."""
        try:
            time = self._parsed(cell)
            if time.tzinfo is None and self._zone is None:
                raise ValueError("without an offset")
            return instant_of(time if time.tzinfo else time.replace(tzinfo=self._zone))
        except (ValueError, OverflowError):
            detail = f"{self._name}: {cell[:60]!r} is not a time of format {self._format!r}"
            mend = "mend the time in the file, or the column's format and timezone in the map"
            raise UnmappableError(RowProblem.BAD_TIME, detail, mend) from None

    def _parsed(self, cell: str) -> datetime.datetime:
        if self._format == "iso":
            return datetime.datetime.fromisoformat(cell)
        return datetime.datetime.strptime(cell, self._format)  # noqa: DTZ007 - the zone is put on just after


def cell_reader(name: str, column: Column) -> CellReader:
    """Return the reader of a column."""
    match column:
        case TextColumn():
            return TextReader(name, column)
        case NumberColumn():
            return NumberReader(name, column)
        case TimeColumn():
            return TimeReader(name, column)
