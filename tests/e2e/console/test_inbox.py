"""Account managers work in the inbox: by keyboard alone, beside each other, and while things are late."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.retention.task import TaskState
from events.task_values import Outcome
from infra.folder import DataFolder
from tests.support.browser import aside, faults, reader
from tests.support.browser_tasks import TaskSite, task_site
from tests.support.desks import ANN, BEN, LEAD, customer, placed
from tests.support.tasked import TaskWorld
from tests.unit.ops.folders import order, written

OWNED = [placed(number, owner=ANN) for number in range(9)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return aside(lambda: written(tmp_path_factory.mktemp("log") / "data", [order("A", 0)], 2))


@pytest.fixture
def site(folder: DataFolder, tmp_path: Path) -> Iterator[TaskSite]:
    with task_site(folder, tmp_path) as opened:
        yield opened


def raise_tasks(site: TaskSite, *numbers: int) -> None:
    """Offer Ann a task for each of these customers; the lower the number the more is at stake."""

    async def work(tasks: TaskWorld) -> None:
        world = tasks.world
        await world.hear(*(world.raised(n, OWNED[n], 900_000 - 1000 * n) for n in numbers))

    site.do(work)


def shown(page: Page, number: int) -> str:
    """The selector of a customer's row."""
    return f"tr:has-text('shop:{number}')"


def test_from_accepting_to_closing_by_keyboard_alone(browser: Browser, site: TaskSite) -> None:
    raise_tasks(site, 1, 2)
    with reader(browser, site.url, manager=ANN) as page:
        page.goto(f"{site.url}/inbox")
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.locator("tr.at .state")).to_have_text("in work")
        page.keyboard.press("c")
        expect(page.locator("#ask select[name=channel]")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("they come back on Monday")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#ask")).to_be_hidden()
        expect(page.locator("tr.at .act")).to_contain_text("Close the task")
        page.keyboard.press("x")
        expect(page.locator("#ask select[name=outcome]")).to_be_focused()
        page.keyboard.type("saved, conf")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(f"{shown(page, 1)} .state")).to_have_text("closed")
    task = site.do(lambda tasks: tasks.world.task_of(1))
    assert (task.state, task.outcome, task.contacts) == (
        TaskState.CLOSED,
        Outcome.SAVED_CONFIRMED,
        1,
    )


def test_a_second_tab_sees_what_was_done_in_the_first(browser: Browser, site: TaskSite) -> None:
    raise_tasks(site, 1, 2)
    with (
        reader(browser, site.url, manager=ANN) as first,
        reader(browser, site.url, manager=BEN, language="zh") as second,
    ):
        first.goto(f"{site.url}/inbox")
        second.goto(f"{site.url}/inbox?view=all")
        expect(second.locator(f"{shown(second, 2)} .state")).to_have_text("待接受")
        first.locator(f"{shown(first, 2)} button").click()
        expect(second.locator(f"{shown(second, 2)} .state")).to_have_text("处理中")
        expect(second.locator(f"{shown(second, 2)} .state-cell")).to_contain_text(ANN)


def test_rows_do_not_move_and_new_ones_wait_for_a_key(browser: Browser, site: TaskSite) -> None:
    raise_tasks(site, 5)
    with reader(browser, site.url, manager=ANN) as page:
        page.goto(f"{site.url}/inbox")
        expect(page.locator("tr[data-task]")).to_have_count(1)
        raise_tasks(site, 1, 2)
        expect(page.locator("#news")).to_have_text(re.compile("2 new: press ."))
        expect(page.locator("tr[data-task]")).to_have_count(1)
        page.keyboard.press(".")
        expect(page.locator("tr[data-task]")).to_have_count(3)
        expect(page.locator("#news")).to_be_empty()


def test_a_projection_that_is_late_does_not_take_an_accepted_row_back(
    browser: Browser, site: TaskSite
) -> None:
    raise_tasks(site, 1)
    with reader(browser, site.url, manager=ANN) as page:
        page.goto(f"{site.url}/inbox")

        async def hold(tasks: TaskWorld) -> None:
            tasks.feed.held = True

        async def let_go(tasks: TaskWorld) -> None:
            tasks.feed.held = False
            await asyncio.sleep(0.5)

        site.do(hold)
        page.locator(f"{shown(page, 1)} button").click()
        expect(page.locator(f"{shown(page, 1)} .state")).to_have_text("in work")
        page.reload()
        expect(page.locator(f"{shown(page, 1)} .state")).to_have_text("in work")
        page.wait_for_timeout(2000)
        site.do(let_go)
        expect(page.locator(f"{shown(page, 1)} .state")).to_have_text("in work")
        page.reload()
        expect(page.locator(f"{shown(page, 1)} .state")).to_have_text("in work")


def test_an_empty_inbox_says_what_comes_next(browser: Browser, site: TaskSite) -> None:
    with reader(browser, site.url, manager=ANN) as page:
        page.goto(f"{site.url}/inbox")

        expect(page.locator(".notice h2")).to_have_text("Nothing to do here")
        assert faults(page) == []


def test_a_stale_inbox_never_says_that_there_is_nothing_to_do(
    browser: Browser, tmp_path: Path
) -> None:
    unfolded = aside(lambda: written(tmp_path / "data", [order("A", 0)], fold=False))
    with task_site(unfolded, tmp_path) as site, reader(browser, site.url, manager=ANN) as page:
        page.goto(f"{site.url}/inbox")

        expect(page.locator(".banner")).to_contain_text("Stale")
        expect(page.locator("main")).to_contain_text("It cannot be told whether")
        expect(page.locator("main")).not_to_contain_text("Nothing to do here")
        assert faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing_on_pages_of_tasks(
    browser: Browser, site: TaskSite, language: str, theme: str
) -> None:
    raise_tasks(site, 1, 2)
    task = site.do(lambda tasks: tasks.world.task_of(1))
    for manager in (ANN, LEAD, ""):
        with reader(browser, site.url, language=language, theme=theme, manager=manager) as page:
            page.goto(f"{site.url}/inbox?view=all")
            page.keyboard.press("j")
            assert faults(page) == []
            page.goto(f"{site.url}/tasks/{task.task_id}")
            for details in page.locator(".verbs details").all():
                details.evaluate("details => { details.open = true; }")
                assert faults(page) == []
            page.goto(f"{site.url}/customers/{customer(1)}")


def test_a_phone_shows_all_of_the_inbox(browser: Browser, site: TaskSite) -> None:
    raise_tasks(site, 1)
    with reader(browser, site.url, manager=ANN, width=360) as page:
        page.goto(f"{site.url}/inbox")

        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert faults(page) == []
