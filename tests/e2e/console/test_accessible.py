"""axe finds nothing on any page, in any language, in any light; nothing sticks out of a phone."""

import pytest
from playwright.sync_api import Browser

from tests.support.browser import faults, reader
from tests.unit.console.consoles import CARD

PAGES = {
    "customers": "/customers",
    "card": CARD,
    "card of the past": f"{CARD}?at=2011-02-01&tab=transactions",
    "ops": "/ops",
    "quality": "/quality",
    "missing": "/nowhere",
    "not found": "/find?q=nobody",
}


def test_axe_would_find_something(browser: Browser, url: str) -> None:
    with reader(browser, url) as page:
        page.goto(f"{url}/ops")
        page.locator("h1").evaluate("h1 => h1.innerHTML = '<img src=/static/mark.svg>'")

        assert [fault.partition(":")[0] for fault in faults(page)][:1] == ["empty-heading"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(
    browser: Browser, url: str, path: str, language: str, theme: str
) -> None:
    with reader(browser, url, language=language, theme=theme) as page:
        page.goto(url + path)
        for details in page.locator("main details").all():
            details.evaluate("details => { details.open = true; }")

        assert faults(page) == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_phone_shows_all_of_a_page(browser: Browser, url: str, path: str) -> None:
    with reader(browser, url, width=360) as page:
        page.goto(url + path)

        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert faults(page) == []
