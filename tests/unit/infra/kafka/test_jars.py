"""Jars are fetched once, a stumble of the registry is forgiven, and what is missing is named."""

from pathlib import Path

import pytest

from infra.kafka.jars import (
    JarsUnavailableError,
    ToolMissingError,
    cache_folder,
    ensure_jars,
    find_tool,
    kafka_version,
)
from tests.support.kafka_broker import broker_in

FETCHES = """\
echo asked >> "$ASKED"
for argument; do case "$argument" in -DoutputDirectory=*) into="${argument#*=}" ;; esac; done
mkdir -p "$into" && touch "$into/half.jar"
"""
STUMBLES = FETCHES + '[ "$(wc -l < "$ASKED")" -gt 1 ] || { echo "no route to host"; exit 1; }\n'
FAILS = FETCHES + 'echo "[ERROR] no route to host"; exit 1\n'


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Maven":
    return Maven(tmp_path, monkeypatch)


class Maven:
    """A program of that name first on the path, which keeps how often it was asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._program = folder / "bin" / "mvn"
        self._asked = folder / "asked"
        self._program.parent.mkdir()
        monkeypatch.setenv("PATH", f"{self._program.parent}:/usr/bin:/bin")
        monkeypatch.setenv("ASKED", str(self._asked))

    def does(self, script: str) -> None:
        self._program.write_text(f"#!/bin/sh\n{script}", "utf-8")
        self._program.chmod(0o755)

    @property
    def times_asked(self) -> int:
        return len(self._asked.read_text("utf-8").splitlines()) if self._asked.exists() else 0


def test_jars_are_fetched_once(maven: Maven, tmp_path: Path) -> None:
    maven.does(FETCHES)
    folder = tmp_path / "cache" / "kafka"

    assert ensure_jars(folder) == ensure_jars(folder) == folder
    assert [path.name for path in folder.iterdir()] == ["half.jar"]
    assert maven.times_asked == 1


def test_a_registry_that_stumbles_once_is_asked_again(maven: Maven, tmp_path: Path) -> None:
    maven.does(STUMBLES)

    assert ensure_jars(tmp_path / "kafka").is_dir()
    assert maven.times_asked == 2


def test_one_that_fails_twice_is_told_with_its_own_words_and_nothing_half_stays(
    maven: Maven, tmp_path: Path
) -> None:
    maven.does(FAILS)
    folder = tmp_path / "cache" / "kafka"

    with pytest.raises(JarsUnavailableError, match=r"could not fetch Kafka 4\..*no route to host"):
        ensure_jars(folder)
    assert maven.times_asked == 2
    assert list(folder.parent.iterdir()) == []


def test_without_maven_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissingError, match="mvn is not installed; a broker needs Java 17"):
        ensure_jars(tmp_path / "kafka")


def test_jars_that_are_there_need_no_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = tmp_path / "kafka"
    there.mkdir()

    assert ensure_jars(there) == there


def test_the_cache_is_named_for_the_version_and_lies_outside_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    folder = cache_folder()

    assert folder.parent == tmp_path / "holdfast"
    assert folder.name.startswith(f"kafka-{kafka_version()}-")


def test_a_tool_is_found_by_its_name() -> None:
    assert Path(find_tool("sh")).name == "sh"


def test_tests_without_a_broker_are_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"there is no Kafka .* java is not installed"):
        broker_in(tmp_path)


def test_under_continuous_integration_they_fail_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="java is not installed"):
        broker_in(tmp_path)
