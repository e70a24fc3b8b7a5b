"""The files of an import: which they are, and their lines as bytes and as text."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from events import codec
from services.ingest.importing.map_file import MapFile, map_digest
from services.ingest.importing.refusals import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_LINE = 1 << 20
FETCH_AGAIN = "fetch or export the file again"


class SourceFile(msgspec.Struct, frozen=True):
    """A file by its path and the digest of its bytes; ``size`` counts bytes as they lie on disk."""

    path: Path
    digest: bytes
    size: int


class _Unzipped(io.RawIOBase):
    """Hands on what is unzipped as it comes, so that a broken archive gives all lines it has."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = gzip.GzipFile(fileobj=file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        data = self._zip.read1(len(room))
        room[: len(data)] = data
        return len(data)


class LineReader:
    """Yields the lines of a file as text, and keeps the bytes of those not yet taken."""

    def __init__(self, path: Path, encoding: str) -> None:
        """Raise `InputError` where the file cannot be opened."""
        self.path = path
        self.line = 0
        self._encoding = encoding
        self._pending: list[bytes] = []
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from None
        zipped = self._file.read(2) == GZIP_MAGIC
        self._file.seek(0)
        raw = _Unzipped(self._file) if zipped else self._file
        self._buffer = io.BufferedReader(raw, 1 << 18)

    def __iter__(self) -> Iterator[str]:
        """Raise `InputError` at a truncated archive, a wrong encoding or an endless line."""
        try:
            for raw in iter(partial(self._buffer.readline, LONGEST_LINE), b""):
                self.line += 1
                self._pending.append(raw)
                if len(raw) == LONGEST_LINE:
                    raise self.error("the line is longer than 1 MiB", "check that this is a CSV")
                yield raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            what = f"byte 0x{byte:02X} in column {error.start + 1} is not {self._encoding}"
            raise self.error(what, "set csv.encoding in the map, such as cp1252") from None
        except EOFError:
            raise self.error("the gzip archive ends early, after this line", FETCH_AGAIN) from None
        except (OSError, zlib.error) as error:
            what = f"cannot be read on from here ({error})"
            raise self.error(what, FETCH_AGAIN) from None

    def take(self) -> bytes:
        """Return the bytes of the lines yielded since the last call."""
        raw = b"".join(self._pending)
        self._pending.clear()
        return raw

    def position(self) -> int:
        """Return how many bytes of the file on disk are behind us."""
        return self._file.tell()

    def error(self, what: str, mend: str) -> InputError:
        """Return an error that names the line we are at."""
        return InputError(self.path, max(self.line, 1), what, mend)

    def close(self) -> None:
        """Let go of the file."""
        self._buffer.close()
        self._file.close()


def describe_files(paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    """Return the files in the order in which they count: by name, then by content.

    So the order in which they are given changes nothing.

    Raises:
        InputError: one cannot be read, or two have the same content.
    """
    files = sorted(map(_described, paths), key=lambda file: (file.path.name, file.digest))
    seen: dict[bytes, Path] = {}
    for file in files:
        twin = seen.setdefault(file.digest, file.path)
        if twin is not file.path:
            what = f"has the same content as {twin}"
            raise InputError(file.path, 0, what, "give each file once, or lines would count twice")
    return tuple(files)


def import_id_of(files: Sequence[SourceFile], parsed_map: MapFile) -> str:
    """Return the id of an import: a digest of the files' contents and of what the map says."""
    return codec.digest(map_digest(parsed_map), *(file.digest for file in files)).hex()


def unreadable(path: Path, error: OSError) -> InputError:
    """Return the error for a file that cannot be opened."""
    return InputError(
        path, 0, f"cannot be read ({error.strerror})", "check the path and its rights"
    )


def _described(path: Path) -> SourceFile:
    hasher = blake2b(digest_size=codec.DIGEST_BYTES)
    size = 0
    try:
        with path.open("rb") as file:
            for block in iter(partial(file.read, 1 << 20), b""):
                hasher.update(block)
                size += len(block)
    except OSError as error:
        raise unreadable(path, error) from None
    return SourceFile(path, hasher.digest(), size)
