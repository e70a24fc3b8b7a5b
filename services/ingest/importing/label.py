"""What tells an import's lines and facts. Its spool keeps it, so that files and map are not needed."""

import msgspec

from services.ingest.importing.ledger import split_sequence


class ImportLabel(msgspec.Struct, frozen=True):
    """An import by its id, its source, its files, and the fact type of each rule of its map.

    ``received`` is when the files were read, in microseconds.
    """

    import_id: str
    source: str
    types: tuple[str, ...]
    files: tuple[str, ...]
    received: int

    def place(self, sequence: int) -> str:
        """Return ``file:line`` of a line."""
        at = split_sequence(sequence)
        return f"{self.files[at.file]}:{at.line}"

    def by_type(self, numbers: dict[int, int]) -> dict[str, int]:
        """Return numbers by fact type, of which several rules may make the same."""
        totals: dict[str, int] = {}
        for kind, number in numbers.items():
            name = self.types[kind]
            totals[name] = totals.get(name, 0) + number
        return {name: number for name, number in totals.items() if number}
