"""A backup has its name once it is whole, and takes nobody's place."""

from pathlib import Path

import pytest

from infra.backup.folder import BackupFolderError, new_backup
from infra.backup.manifest import MANIFEST


def write(folder: Path, text: str = "new") -> None:
    with new_backup(folder) as unfinished:
        (unfinished / MANIFEST).write_text(text)


def write_half(folder: Path) -> None:
    with new_backup(folder) as unfinished:
        (unfinished / "half").write_text("half")
        raise KeyboardInterrupt


def test_a_backup_gets_its_name_at_its_end_and_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "saved"

    with new_backup(folder) as unfinished:
        (unfinished / MANIFEST).write_text("whole")
        assert not folder.exists()

    assert (folder / MANIFEST).read_text() == "whole"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.parent.iterdir()] == ["saved"]


def test_one_that_failed_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "saved")

    assert not list(tmp_path.iterdir())


def test_one_that_was_killed_has_no_name_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    left = tmp_path / "saved.unfinished"
    left.mkdir()
    (left / "half").write_text("half")

    write(tmp_path / "saved")

    assert [path.name for path in (tmp_path / "saved").iterdir()] == [MANIFEST]
    assert not left.exists()


def test_a_folder_that_holds_a_backup_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "saved", "first")

    with pytest.raises(BackupFolderError, match="holds a backup already"):
        write(tmp_path / "saved")

    assert (tmp_path / "saved" / MANIFEST).read_text() == "first"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("mine")

    with pytest.raises(BackupFolderError, match="is not empty"):
        write(tmp_path)
    with pytest.raises(BackupFolderError, match="is not empty"):
        write(tmp_path / "work")

    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_two_do_not_write_the_same_backup(tmp_path: Path) -> None:
    with new_backup(tmp_path / "saved") as unfinished:
        (unfinished / MANIFEST).write_text("first")
        with pytest.raises(BackupFolderError, match="another process is writing"):
            write(tmp_path / "saved")

    assert (tmp_path / "saved" / MANIFEST).read_text() == "first"
