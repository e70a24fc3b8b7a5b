"""What an import is asked to do, and the work that follows from it."""

from pathlib import Path

import msgspec

from services.ingest.importing.ledger import split_sequence
from services.ingest.importing.map_file import MapFile
from services.ingest.importing.source_file import SourceFile, describe_files, import_id_of


class ImportRequest(msgspec.Struct, frozen=True):
    """Files and how to read them. ``wall_now`` in microseconds: nothing may lie beyond it."""

    files: tuple[Path, ...]
    map: MapFile
    spool_dir: Path
    wall_now: int
    dead_letter_late: bool = False


class ImportJob(msgspec.Struct, frozen=True):
    """A request whose files were looked at: their order, and the id of the import."""

    request: ImportRequest
    files: tuple[SourceFile, ...]
    id: str

    @property
    def map(self) -> MapFile:
        """The map of the request."""
        return self.request.map

    def place(self, sequence: int) -> str:
        """Return ``file:line`` of a line."""
        at = split_sequence(sequence)
        return f"{self.files[at.file].path}:{at.line}"


def import_job(request: ImportRequest) -> ImportJob:
    """Look at the files. Raises `InputError` where one cannot be read or is given twice."""
    files = describe_files(request.files)
    return ImportJob(request, files, import_id_of(files, request.map))
