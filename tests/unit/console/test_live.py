"""What open pages are told: the first look at once, then only what changed, until the server ends."""

import asyncio
from pathlib import Path

import pytest

from infra.folder import DataFolder
from infra.messages.language import Language
from services.console import live as lives
from services.console.live import FollowsNothing, Live
from services.console.looking import Looking
from services.console.pages import Pages
from services.console.reader import Reader
from tests.unit.ops.folders import StandingClock, order, write

ENGLISH = Reader(Language.ENGLISH)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "SECONDS_BETWEEN_LOOKS", 0.01)


def test_a_page_is_told_once_and_again_when_something_changed(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        folder = await write(tmp_path / "data", [order("A", 0)])
        closing: list[bool] = []
        live = Live(Looking(folder, StandingClock()), lambda: bool(closing))
        told: list[str] = []
        async for event in lives.events(live, Pages(), ENGLISH, FollowsNothing()):
            if event.startswith(":"):
                await write(tmp_path / "data", [order("A", 1)], fold=False)
                continue
            told.append(event)
            if len(told) == 2:
                closing.append(True)
        return told

    first, second = asyncio.run(scenario())

    assert first.startswith("id: ")
    assert "\nevent: pulse\ndata: <span" in first
    assert "Up to date" in first
    assert "Catching up" in second


def test_a_log_that_is_lost_is_told(tmp_path: Path) -> None:
    async def scenario() -> str:
        closing: list[bool] = []
        live = Live(Looking(DataFolder(tmp_path), StandingClock()), lambda: bool(closing))
        async for event in lives.events(live, Pages(), ENGLISH, FollowsNothing()):
            closing.append(True)
            return event
        return ""

    assert "No connection to the log" in asyncio.run(scenario())
