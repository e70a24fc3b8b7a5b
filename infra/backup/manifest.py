"""What a backup says of itself: ``manifest.json``, and every file held against it.

``manifest.json.sha256`` holds the manifest's own digest, in the form that ``sha256sum -c`` reads.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from infra.mendable import MendableError

MANIFEST = "manifest.json"
DIGEST = "manifest.json.sha256"
FORMAT = "holdfast-backup"
VERSION = 2
READ = (1, VERSION)
"""Version 1 had no desk."""
BYTES_A_READ = 1024 * 1024

Read = Callable[[int], None]
"""Is told how many bytes more were read."""


class BackupFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: the records of one partition, and at which offsets they stood; ``bytes`` as it lies there."""

    name: str
    topic: str
    partition: int
    records: int
    first_offset: int | None
    last_offset: int | None
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the backup is of. ``partitions`` is the number of ``crm.facts``; ``open_day`` an ISO date.

    ``format`` and ``version`` come first in every version, so that another one can be told.
    """

    format: str
    version: int
    log_id: str
    taken: str
    partitions: int
    open_day: str | None
    files: tuple[BackupFile, ...]

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(file.bytes for file in self.files)

    def records(self, topic: str) -> int:
        """Return how many records of a topic there are."""
        return sum(file.records for file in self.files if file.topic == topic)

    def of_topic(self, topic: str) -> tuple[BackupFile, ...]:
        """Return the files of a topic, by partition."""
        return tuple(
            sorted(
                (file for file in self.files if file.topic == topic),
                key=lambda file: file.partition,
            )
        )


class _Format(msgspec.Struct):
    format: str = ""
    version: int = 0


class BackupUnusableError(MendableError):
    """A folder holds no backup, a damaged one, or one of another format."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it and its digest. Where the folder is complete already, it is the caller's to see to."""
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    (folder / MANIFEST).write_bytes(data)
    digest = f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n"
    (folder / DIGEST).write_text(digest, "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return what a backup says of itself. Raises `BackupUnusableError`."""
    try:
        data = (folder / MANIFEST).read_bytes()
        expected = (folder / DIGEST).read_text("utf-8", "replace").partition(" ")[0]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BackupUnusableError(
            f"{folder} holds no backup ({error.filename} is not there): name the folder that"
            " `holdfast backup` made; one whose name ends in .unfinished was broken off"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise BackupUnusableError(
            f"{folder / MANIFEST} was changed or damaged: its SHA-256 is {found}, {DIGEST} says"
            f" {expected}; take another copy of this backup, or another backup"
        )
    return _decoded(folder, data)


def check_files(folder: Path, manifest: Manifest, read: Read) -> None:
    """Hold every file against the manifest. Raises `BackupUnusableError`, which names the file."""
    for file in manifest.files:
        path = folder / file.name
        try:
            found = _sha256(path, read)
        except FileNotFoundError as error:
            raise BackupUnusableError(
                f"{path} is not there, and the manifest names it; take another copy of this backup"
            ) from error
        if found != file.sha256:
            raise BackupUnusableError(
                f"{path} was changed or damaged: its SHA-256 is {found}, the manifest says"
                f" {file.sha256}; take another copy of this backup, or another backup"
            )


def _decoded(folder: Path, data: bytes) -> Manifest:
    try:
        form = msgspec.json.decode(data, type=_Format)
        if form.format != FORMAT or form.version not in READ:
            raise BackupUnusableError(
                f"{folder / MANIFEST} is of format {form.format or 'unknown'!r}, version"
                f" {form.version}; this release reads {FORMAT!r}, version {VERSION}: restore with"
                " the release that made it"
            )
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as error:
        raise BackupUnusableError(f"{folder / MANIFEST} cannot be read: {error}") from error


def _sha256(path: Path, read: Read) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(BYTES_A_READ):
            digest.update(data)
            read(len(data))
    return digest.hexdigest()
