"""What the command line says on standard error: one line, and nothing in it acts on a terminal."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_group

from infra.folder import DataFolder, FolderLock
from services import cli

ACTING = "evil\x1b[2J\x9b31m\nholdfast: all is well"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Said":
    return Said(monkeypatch, capsys)


class Said:
    """Runs a command that is refused, and returns what it said on standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def by(self, *arguments: str | Path) -> str:
        self._monkeypatch.setattr(sys, "argv", ["holdfast", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        return self._capsys.readouterr().err


def test_what_others_wrote_does_not_act_on_the_terminal(said: Said, tmp_path: Path) -> None:
    text = said.by("status", "--data", tmp_path / ACTING)

    assert r"evil\x1b[2J\x9b31m\nholdfast: all is well" in text
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert "\x9b" not in text


def test_a_url_in_a_lock_file_does_not_act_on_the_terminal(said: Said, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with FolderLock(folder) as lock:
        lock.announce("http://\x1b]0;title\x07")
        text = said.by("clock", "set", "wall", "--data", tmp_path)

    assert "does not answer at" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_what_kafka_mode_does_not_have_is_refused_in_words(said: Said) -> None:
    told = said.by("rebuild", "--mode", "kafka")

    assert "works in embedded mode only" in told
    assert "`holdfast profiles` folds anew by itself" in told


def test_a_folder_is_asked_for_in_embedded_mode_only(said: Said) -> None:
    assert "--data, or HOLDFAST_DATA" in said.by("clock", "set", "wall")


def test_words_in_any_script_stay_as_they_are(said: Said, tmp_path: Path) -> None:
    assert "数据/log.db does not exist" in said.by("status", "--data", tmp_path / "数据")


def test_a_wrong_setting_is_named_on_one_line(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOLDFAST_CURRENCY", "pounds")
    monkeypatch.setenv("HOLDFAST_PORT", "high")

    text = said.by("serve", "--data", tmp_path)

    assert text.count("\n") == 1
    assert "HOLDFAST_CURRENCY: String should match pattern" in text
    assert "not 'pounds'; HOLDFAST_PORT: " in text


@pytest.mark.parametrize("command", [["advance", "--to", "2011-12-31"], ["set", "wall"]])
def test_a_clock_needs_a_log(said: Said, tmp_path: Path, command: list[str]) -> None:
    text = said.by("clock", *command, "--data", tmp_path / "nowhere")

    assert "nowhere/log.db does not exist; `holdfast import` or `holdfast serve` makes it" in text
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", [["advance", "--to", "2011-12-31"], ["set", "wall"]])
def test_a_clock_needs_a_log_that_was_created(
    said: Said, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "log.db").touch()

    text = said.by("clock", *command, "--data", tmp_path)

    assert "log.db holds nothing yet; `holdfast import` or `holdfast serve` fills it" in text
    assert "holds nothing yet" in said.by("status", "--data", tmp_path)


COMMANDS = Path(cli.__file__).parent / "commands"


def test_every_command_is_found_by_its_name() -> None:
    modules = sorted(set(cli.MODULES.values()))
    found = {
        name: module
        for module in modules
        for name in get_group(import_module(f"services.commands.{module}").app).commands
    }

    assert found == cli.MODULES
    with_commands = [
        ".".join(path.relative_to(COMMANDS).with_suffix("").parts)
        for path in COMMANDS.rglob("*.py")
        if "typer.Typer(" in path.read_text()
    ]
    assert sorted(with_commands) == modules


@pytest.mark.parametrize("command", ["card", "archive", "alerts", "console", "intake"])
def test_who_neither_scores_nor_learns_does_not_wait_for_the_learner(command: str) -> None:
    code = (
        f"import sys; from services.cli import app_for; app_for(['--lang', 'en', {command!r}]);"
        " print('river' in sys.modules, 'scipy' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False False\n"
