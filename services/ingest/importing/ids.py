"""Event ids out of templates: the same lines give the same id, whenever and wherever imported."""

from collections.abc import Sequence

from services.ingest.importing.cells import Values
from services.ingest.importing.fact_plan import FactPlan
from services.ingest.importing.ledger import split_sequence
from services.ingest.importing.map_check import LINE_NAMES, TIME_NAME
from services.ingest.importing.readings import iso_time
from services.ingest.importing.templates import Placeholder, parse_template


class IdMaker:
    """Fills the id template of one fact rule."""

    def __init__(self, plan: FactPlan, files: Sequence[str]) -> None:
        """``files`` are the names that ``{file}`` stands for."""
        self._files = files
        self._pieces = parse_template(plan.rule.id)
        self._readings = {
            piece.name: plan.reader.column(piece.name)
            for piece in self._pieces
            if isinstance(piece, Placeholder) and piece.name in plan.reader.columns
        }

    def id_of(self, first: Values, time: int, sequence: int) -> str:
        """Return the id of the fact whose earliest line is this one."""
        return "".join(
            self._filled(piece.name, first, (time, sequence))
            if isinstance(piece, Placeholder)
            else piece
            for piece in self._pieces
        )

    def _filled(self, name: str, first: Values, where: tuple[int, int]) -> str:
        if name in self._readings:
            return str(self._readings[name](first))
        if name == TIME_NAME:
            return iso_time(where[0])
        at = split_sequence(where[1])
        return self._files[at.file] if name == LINE_NAMES[0] else str(at.line)
