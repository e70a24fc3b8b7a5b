"""One browser and one console for all tests of pages that only look."""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser

from infra.clock import SystemClock
from services.console.app import console_app
from services.console.looking import Looking
from tests.support.browser import aside, chromium, served
from tests.unit.console.consoles import peopled


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while it is open, nothing else can run a loop in this thread."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = aside(lambda: peopled(tmp_path_factory.mktemp("browsed") / "data"))
    with served(partial(console_app, Looking(folder, SystemClock()))) as address:
        yield address
