"""Dead letters: listed, and shown with their bytes whatever those are."""

import asyncio
import datetime
from pathlib import Path

import msgspec
import pytest

from infra.folder import DataFolder
from infra.log.records import DeadLetter
from infra.log.sqlite import SqliteLog
from services.ops.dead_letters import (
    DeadLetterLine,
    DeadLetterView,
    NoDeadLetter,
    list_dead_letters,
    show_dead_letter,
)
from tests.unit.ops.folders import WRITTEN, read, written

TEXT = DeadLetter(
    "aa01" * 8,
    "shop",
    "invalid",
    "Expected `int`",
    "$.data.total",
    "see schemas/",
    WRITTEN,
    b'{"a": 1}',
)
BINARY = DeadLetter(
    "aa02" * 8, "", "malformed", "invalid utf-8", "$", "send UTF-8", WRITTEN + 1, b"\xff\x00\x1b[2J"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    async def bury(log: SqliteLog) -> None:
        await log.bury([TEXT, BINARY])

    return written(tmp_path_factory.mktemp("letters"), [], work=bury)


def show(folder: DataFolder, text: str) -> DeadLetterView | NoDeadLetter:
    return read(folder, lambda reading: show_dead_letter(reading.archive, text))


def test_letters_are_listed_newest_first(folder: DataFolder) -> None:
    found = read(folder, lambda reading: list_dead_letters(reading.archive, 10))

    assert [letter.id for letter in found] == [BINARY.id, TEXT.id]


def test_a_limit_keeps_the_newest(folder: DataFolder) -> None:
    found = read(folder, lambda reading: list_dead_letters(reading.archive, 1))

    assert [letter.id for letter in found] == [BINARY.id]


def test_a_line_says_all_but_the_bytes(folder: DataFolder) -> None:
    found = read(folder, lambda reading: list_dead_letters(reading.archive, 10))

    assert found[1] == DeadLetterLine(
        TEXT.id,
        "shop",
        "invalid",
        "Expected `int`",
        "$.data.total",
        "see schemas/",
        datetime.datetime(2024, 5, 6, 7, 8, tzinfo=datetime.UTC),
        8,
    )


def test_bytes_that_are_text_are_shown_as_text(folder: DataFolder) -> None:
    view = show(folder, TEXT.id)

    assert isinstance(view, DeadLetterView)
    assert (view.body, view.body_hex) == ('{"a": 1}', None)


def test_bytes_that_are_no_text_are_shown_as_digits(folder: DataFolder) -> None:
    view = show(folder, BINARY.id)

    assert isinstance(view, DeadLetterView)
    assert (view.body, view.body_hex) == (None, "ff001b5b324a")


def test_the_beginning_of_an_id_is_enough(folder: DataFolder) -> None:
    assert show(folder, " aa01 ") == show(folder, TEXT.id)


@pytest.mark.parametrize("text", ["aa0", "bb", "", "   ", "%", "\udcff"])
def test_no_letter_and_several_letters_are_none(folder: DataFolder, text: str) -> None:
    assert isinstance(show(folder, text), NoDeadLetter)


def test_a_log_without_letters_lists_none(tmp_path: Path) -> None:
    folder = written(tmp_path, [])

    assert read(folder, lambda reading: list_dead_letters(reading.archive, 10)) == ()


def test_a_letter_is_written_as_json_that_reads_back(folder: DataFolder) -> None:
    for text in (TEXT.id, BINARY.id):
        view = show(folder, text)

        assert msgspec.json.decode(msgspec.json.encode(view), type=DeadLetterView) == view


def test_letters_are_there_without_a_projection(tmp_path: Path) -> None:
    async def bury(log: SqliteLog) -> None:
        await log.bury([TEXT])

    folder = written(tmp_path, [], work=bury, fold=False)

    assert asyncio.run(_count(folder)) == 1


async def _count(folder: DataFolder) -> int:
    return len(await asyncio.to_thread(read, folder, lambda one: list_dead_letters(one.archive, 9)))
