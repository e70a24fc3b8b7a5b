"""A backup is held against what it says of itself, down to the byte, before anything is done with it."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.backup.kafka_restore import Backup
from infra.backup.manifest import (
    DIGEST,
    FORMAT,
    MANIFEST,
    BackupFile,
    BackupUnusableError,
    Manifest,
    check_files,
    read_manifest,
    write_manifest,
)

DATA = b"packed records"
FILE = "crm.facts-00.jsonl.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file and a manifest of it."""
    (tmp_path / FILE).write_bytes(DATA)
    digest = hashlib.sha256(DATA).hexdigest()
    file = BackupFile(FILE, "crm.facts", 0, 2, 0, 4, len(DATA), digest)
    write_manifest(tmp_path, Manifest(FORMAT, 1, "log", "2026-01-01", 1, None, (file,)))
    return tmp_path


def use(folder: Path) -> Backup:
    manifest = read_manifest(folder)
    check_files(folder, manifest, lambda _: None)
    return Backup(folder, manifest)


def test_a_whole_backup_is_taken_and_says_what_it_holds(folder: Path) -> None:
    manifest = use(folder).manifest

    assert (manifest.records("crm.facts"), manifest.records("crm.control")) == (2, 0)
    assert manifest.bytes == len(DATA)
    checked = subprocess.run(["sha256sum", "-c", DIGEST], cwd=folder, check=False)
    assert checked.returncode == 0


def a_byte_of_a_file(folder: Path) -> None:
    (folder / FILE).write_bytes(DATA[:-1] + b"S")


def the_end_of_a_file(folder: Path) -> None:
    (folder / FILE).write_bytes(DATA[:-1])


def a_whole_file(folder: Path) -> None:
    (folder / FILE).unlink()


def a_number_in_the_manifest(folder: Path) -> None:
    data = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(data.replace(b'"records": 2', b'"records": 1'))


def the_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def its_digest(folder: Path) -> None:
    (folder / DIGEST).unlink()


def signed(folder: Path, data: bytes) -> None:
    (folder / MANIFEST).write_bytes(data)
    (folder / DIGEST).write_text(f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n")


def a_newer_format(folder: Path) -> None:
    data = (folder / MANIFEST).read_bytes()
    signed(folder, data.replace(b'"version": 1', b'"version": 3,\n  "shape": "new"'))


def another_programs_manifest(folder: Path) -> None:
    signed(folder, b'{"files": []}')


def no_manifest_at_all(folder: Path) -> None:
    signed(folder, b"\xff")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (a_byte_of_a_file, r"crm.facts-00.jsonl.gz was changed or damaged: its SHA-256 is"),
        (the_end_of_a_file, r"crm.facts-00.jsonl.gz was changed or damaged"),
        (a_whole_file, r"crm.facts-00.jsonl.gz is not there, and the manifest names it"),
        (a_number_in_the_manifest, r"manifest.json was changed or damaged"),
        (
            the_manifest,
            r"holds no backup .*manifest.json is not there.*\.unfinished was broken off",
        ),
        (its_digest, r"holds no backup .*manifest.json.sha256 is not there"),
        (a_newer_format, r"format 'holdfast-backup', version 3; this release reads .* version 2"),
        (another_programs_manifest, r"format 'unknown', version 0; this release reads"),
        (no_manifest_at_all, r"manifest.json cannot be read"),
    ],
)
def test_what_is_not_whole_is_refused_by_what_is_wrong(
    folder: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(folder)

    with pytest.raises(BackupUnusableError, match=said):
        use(folder)
