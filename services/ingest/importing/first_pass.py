"""The first pass: every line through the map into the spool."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial

import msgspec
from babel.numbers import get_currency_precision

from services.ingest.importing.cells import CellReader, UnmappableError, Value, Values, cell_reader
from services.ingest.importing.conditions import compile_condition
from services.ingest.importing.csv_rows import Cells, CsvRows
from services.ingest.importing.fact_plan import FactPlan
from services.ingest.importing.grouping import GroupBuffer
from services.ingest.importing.ledger import GROUPED, LineLedger, Verdict, sequence_of
from services.ingest.importing.map_model import MapFile
from services.ingest.importing.source_file import SourceFile
from services.ingest.importing.spool_builder import SpoolBuilder
from services.ingest.importing.spool_rows import ROW, DeadRow

LINES_A_STRETCH = 50_000
LINES_A_REPORT = 5_000
BLANK_LINE = "blank-line"
NO_FACT = "no-fact"


class Stage(StrEnum):
    """What an import is at. Reading counts bytes on disk, the others count facts."""

    READING = "reading"
    GROUPING = "grouping"
    APPENDING = "appending"


class Progress(msgspec.Struct, frozen=True):
    """How far a stage has come."""

    stage: Stage
    done: int
    total: int


Report = Callable[[Progress], None]


class FirstPass:
    """Reads files line by line; what each line came to stands in ``ledger``."""

    def __init__(self, parsed_map: MapFile, currency: str, spool: SpoolBuilder, files: int) -> None:
        columns = parsed_map.columns
        digits = get_currency_precision(currency)
        self.plans = [FactPlan(rule, columns, digits) for rule in parsed_map.facts]
        self.ledger = LineLedger(files)
        self._dialect = parsed_map.csv
        self._columns = tuple(columns)
        self._spool = spool
        self._readers: list[CellReader] = [cell_reader(*column) for column in columns.items()]
        self._buffers = [GroupBuffer(kind, plan) for kind, plan in enumerate(self.plans)]
        self._takers = list(zip(self.plans, self._buffers, strict=True))
        self._skips = [
            (compile_condition(rule.when, self._columns), self._skipped(rule.reason))
            for rule in parsed_map.skip
        ]
        self._blank = self._skipped(BLANK_LINE)
        self._no_fact = self._skipped(NO_FACT)

    def run(self, files: Sequence[SourceFile], report: Report) -> None:
        """Read all files. Raises `InputError` where one cannot be read to its end."""
        total = sum(file.size for file in files)
        behind = 0
        for number, file in enumerate(files):
            self._read(number, file, partial(_tell, report, total, behind))
            behind += file.size
        self._drain()
        _tell(report, total, total, 0)

    def _read(self, number: int, file: SourceFile, tell: Callable[[int], None]) -> None:
        note = self.ledger.note
        with CsvRows(file, self._dialect, self._columns) as rows:
            for count, (line, cells) in enumerate(rows.rows(), start=1):
                try:
                    code = self._blank if cells is None else self._map(cells, number, line)
                except UnmappableError as problem:
                    code = self._bury(problem, sequence_of(number, line), rows.raw())
                note(number, line, code)
                if count % LINES_A_REPORT == 0:
                    tell(rows.position())
                    if count % LINES_A_STRETCH == 0:
                        self._drain()

    def _map(self, cells: Cells, file: int, line: int) -> int:
        """Give a row to its facts and return its code."""
        try:
            values = [reader[cell] for reader, cell in zip(self._readers, cells, strict=True)]
        except UnmappableError:
            values = self._readable(cells)
            for test, code in self._skips:
                if test(values):
                    return code
            raise
        for test, code in self._skips:
            if test(values):
                return code
        return self._group(values, sequence_of(file, line))

    def _group(self, values: Values, sequence: int) -> int:
        # Everything is read before anything is kept: a row that fails leaves no trace in any group.
        readings = [
            (buffer, plan.read(values, sequence))
            for plan, buffer in self._takers
            if plan.takes is None or plan.takes(values)
        ]
        for buffer, reading in readings:
            buffer.add(reading, sequence, values)
        return GROUPED if readings else self._no_fact

    def _readable(self, cells: Cells) -> list[Value]:
        """Return the values of a row with nothing where a cell cannot be read.

        So that a skip rule can leave out a row, such as a total at the end, that is no data.
        """
        values: list[Value] = []
        for reader, cell in zip(self._readers, cells, strict=True):
            try:
                values.append(reader[cell])
            except UnmappableError:
                values.append("")
        return values

    def _bury(self, problem: UnmappableError, sequence: int, raw: bytes) -> int:
        lines = sequence.to_bytes(8, "little")
        why = (problem.reason.value, problem.detail, problem.mend)
        self._spool.add_dead([DeadRow(sequence, ROW, *why, lines, raw)])
        return self.ledger.code_of(Verdict(dead=True, reason=problem.reason.value))

    def _skipped(self, reason: str) -> int:
        return self.ledger.code_of(Verdict(dead=False, reason=reason))

    def _drain(self) -> None:
        for buffer in self._buffers:
            self._spool.add_partials(buffer.drain())


def _tell(report: Report, total: int, behind: int, position: int) -> None:
    report(Progress(Stage.READING, behind + position, total))
