"""People read pages: by keyboard, in their language, in the past, and are told when pages grow old."""

import re
import shutil
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, expect

from infra.clock import SystemClock
from services.console.app import console_app
from services.console.looking import Looking
from tests.support.browser import aside, reader, served
from tests.unit.console.consoles import CARD
from tests.unit.ops.folders import order, written


def test_keys_lead_to_a_card_and_back(browser: Browser, url: str) -> None:
    with reader(browser, url) as page:
        page.goto(f"{url}/customers")
        page.keyboard.press("j")
        expect(page.locator("tr.at")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page).to_have_url(url + CARD)
        page.keyboard.press("g")
        page.keyboard.press("o")
        expect(page).to_have_url(f"{url}/ops")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("shop:B")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("B")


def test_keys_can_be_switched_off(browser: Browser, url: str) -> None:
    with reader(browser, url) as page:
        page.goto(f"{url}/customers")
        page.locator("button[name=keys][value=off]").click()
        page.keyboard.press("j")

        expect(page.locator("html")).to_have_attribute("data-keys", "off")
        expect(page.locator("tr.at")).to_have_count(0)


def test_the_language_is_switched_on_any_page(browser: Browser, url: str) -> None:
    with reader(browser, url) as page:
        page.goto(f"{url}{CARD}?at=2011-02-01")
        page.get_by_role("button", name="中文").click()

        expect(page).to_have_url(f"{url}{CARD}?at=2011-02-01")
        expect(page.locator(".banner")).to_contain_text("截至 2011年2月1日")
        expect(page.locator("html")).to_have_attribute("lang", "zh")


def test_tabs_change_in_place_and_work_without_a_script(browser: Browser, url: str) -> None:
    with reader(browser, url) as page:
        page.goto(url + CARD)
        page.locator("#tab-transactions").click()
        expect(page.locator("#tabs")).to_contain_text("return-A-47")
        expect(page).to_have_url(re.compile("tab=transactions"))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url + CARD)
    page.locator("#tab-transactions").click()
    expect(page.locator("#tabs")).to_contain_text("return-A-47")
    context.close()


def test_an_open_page_is_told_that_profiles_stand_still(browser: Browser, tmp_path: Path) -> None:
    folder = aside(lambda: written(tmp_path / "data", [order("A", 0)]))
    with (
        served(partial(console_app, Looking(folder, SystemClock()))) as address,
        reader(browser, address) as page,
    ):
        page.goto(f"{address}/customers")
        expect(page.locator(".pulse")).to_have_attribute("data-level", "fresh")
        aside(lambda: written(tmp_path / "data", [order("A", 1)], fold=False))
        expect(page.locator(".pulse")).to_have_attribute("data-level", "catching-up")
        expect(page.locator(".pulse")).to_have_attribute("data-level", "stale", timeout=20_000)
        expect(page.locator(".pulse")).to_contain_text("2 records are not folded in")


def test_an_open_page_is_told_that_the_log_is_lost(browser: Browser, tmp_path: Path) -> None:
    folder = aside(lambda: written(tmp_path / "data", [order("A", 0)]))
    with (
        served(partial(console_app, Looking(folder, SystemClock()))) as address,
        reader(browser, address) as page,
    ):
        page.goto(f"{address}/customers")
        shutil.rmtree(tmp_path / "data")
        expect(page.locator(".pulse")).to_contain_text("No connection to the log")
        page.reload()
        expect(page.locator("h1")).to_have_text("This cannot be shown")
