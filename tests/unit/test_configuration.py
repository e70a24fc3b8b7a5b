"""One table has every setting; a file may stand in; `config check` finds what does not work."""

import os
import re
from pathlib import Path

import msgspec
import pytest

from services import cli
from services.configuration import ALL, SHOWN_NO_MORE, Origin, look
from services.configuration_file import SettingsFileError, load_settings_file
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(HOLDFAST_\w+)` \| (.*) \|$", re.MULTILINE)


@pytest.fixture(autouse=True)
def no_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data sets of tests lie is no setting of the product."""
    monkeypatch.delenv("HOLDFAST_DATASETS", raising=False)


def test_every_setting_stands_in_the_guide_with_its_default_and_explanation() -> None:
    expected = {
        f"{settings.model_config['env_prefix']}{name.upper()}": (
            f"{_default(field.default)} | {field.description}"
        )
        for settings in ALL
        for name, field in settings.model_fields.items()
    }

    assert dict(ROW.findall((ROOT / "docs/settings.md").read_text("utf-8"))) == expected


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_REDIS_PASSWORD", "open-sesame")

    found = look(distributed=False)

    (password,) = [one for one in found.settings if one.name == "HOLDFAST_REDIS_PASSWORD"]
    assert (password.value, password.origin) == (SHOWN_NO_MORE, Origin.GIVEN)
    assert b"open-sesame" not in msgspec.json.encode(found)


def test_what_is_spelt_like_a_setting_and_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_CURENCY", "GBP")

    found = look(distributed=False)

    assert not found.works
    assert found.trials[0].wrong == "no such setting: HOLDFAST_CURENCY"


def test_servers_are_tried(
    monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer, postgres_server: PostgresServer
) -> None:
    database = postgres_server.settings()
    monkeypatch.setenv("HOLDFAST_KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    monkeypatch.setenv("HOLDFAST_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("HOLDFAST_REDIS_URL", redis_server.settings.url)
    monkeypatch.setenv("HOLDFAST_POSTGRES_URL", database.url)
    monkeypatch.setenv("HOLDFAST_POSTGRES_USER", str(database.user))

    wrong = {trial.what: trial.wrong for trial in look(distributed=True).trials if trial.wrong}

    assert list(wrong) == ["topics and rights on Kafka"]
    assert "127.0.0.1:1" in wrong["topics and rights on Kafka"]


def test_a_file_stands_in_where_the_environment_says_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "holdfast.env"
    file.write_text("# ours\nHOLDFAST_PORT=1234\nHOLDFAST_CURRENCY=GBP\n", "utf-8")
    monkeypatch.setattr(os, "environ", {"HOLDFAST_SETTINGS_FILE": str(file), "HOLDFAST_PORT": "99"})

    load_settings_file()

    assert (os.environ["HOLDFAST_PORT"], os.environ["HOLDFAST_CURRENCY"]) == ("99", "GBP")


@pytest.mark.parametrize("text", ["PATH=/elsewhere\n", "HOLDFAST_PORT\n"])
def test_a_file_sets_nothing_but_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "holdfast.env"
    file.write_text(text, "utf-8")
    monkeypatch.setenv("HOLDFAST_SETTINGS_FILE", str(file))

    with pytest.raises(SettingsFileError, match="is no line HOLDFAST_NAME=value"):
        load_settings_file()


def test_the_command_exits_with_1_where_something_does_not_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOLDFAST_CURRENCY", "pounds")
    monkeypatch.setattr("sys.argv", ["holdfast", "config", "check"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    assert "HOLDFAST_CURRENCY: String should match pattern" in capsys.readouterr().out


def _default(value: object) -> str:
    return f"`{value}`" if value not in {None, (), ""} else ""
