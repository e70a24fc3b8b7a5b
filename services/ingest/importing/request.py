"""What an import is asked to do, and the work that follows from it."""

from pathlib import Path

import msgspec

from services.ingest.importing.label import ImportLabel
from services.ingest.importing.map_file import MapFile
from services.ingest.importing.source_file import SourceFile, describe_files, import_id_of


class ImportRequest(msgspec.Struct, frozen=True):
    """Files and how to read them. ``wall_now`` in microseconds: nothing may lie beyond it.

    ``dead_letter_late`` sets aside facts that are too late, ``long_history`` lets facts reach over
    more than 20 years; both refuse the import otherwise.
    """

    files: tuple[Path, ...]
    map: MapFile
    spool_dir: Path
    wall_now: int
    dead_letter_late: bool = False
    long_history: bool = False


class ImportJob(msgspec.Struct, frozen=True):
    """A request whose files were looked at: their order, and the id of the import."""

    request: ImportRequest
    files: tuple[SourceFile, ...]
    id: str

    @property
    def map(self) -> MapFile:
        """The map of the request."""
        return self.request.map

    def label(self) -> ImportLabel:
        """Return what the spool has to keep of this."""
        return ImportLabel(
            import_id=self.id,
            source=self.map.source,
            types=tuple(rule.type for rule in self.map.facts),
            files=tuple(str(file.path) for file in self.files),
            received=self.request.wall_now,
        )


def import_job(request: ImportRequest) -> ImportJob:
    """Look at the files. Raises `InputError` where one cannot be read or is given twice."""
    files = describe_files(request.files)
    return ImportJob(request, files, import_id_of(files, request.map))
