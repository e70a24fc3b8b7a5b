"""A real Chromium, and a console served for it in this process."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from services.door_server import DoorServer, listening
from tests.support.servers import missing

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


T = TypeVar("T")


def aside(work: Callable[[], T]) -> T:
    """Do something in a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    if program is None:
        missing("chromium")
    with sync_playwright() as playwright:
        # as root Chromium has no sandbox; what it opens is our own
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def served(make: Callable[[Callable[[], bool]], FastAPI]) -> Iterator[str]:
    """Serve a console, made with what tells it that the server is being stopped; yield its address."""
    ready = threading.Event()
    with listening("127.0.0.1", 0) as listener:
        server = DoorServer(make(lambda: server.should_exit))

        async def serve() -> None:
            asyncio.get_running_loop().call_soon(ready.set)
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        ready.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


@contextmanager
def reader(
    browser: Browser,
    url: str,
    *,
    language: str = "en",
    theme: str = "light",
    width: int = 1280,
    manager: str = "",
) -> Iterator[Page]:
    """A page of somebody with these wishes. Whatever a page complains of fails the test."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": 900})
    wishes = {"holdfast_language": language, "holdfast_theme": theme}
    wishes |= {"holdfast_manager": manager} if manager else {}
    context.add_cookies([{"name": k, "value": v, "url": url} for k, v in wishes.items()])
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: _own(asked.url, url, complaints))
    try:
        yield page
    finally:
        context.close()
    assert [one for one in complaints if "404" not in one and "503" not in one] == []


def faults(page: Page) -> list[str]:
    """What axe finds wrong with a page as it stands."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]


def _own(asked: str, url: str, complaints: list[str]) -> None:
    if not asked.startswith((url, "data:")):
        complaints.append(f"asked {asked}")
