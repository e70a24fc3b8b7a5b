"""The console of Kafka mode, with every role running: pages, commands, a read model that may be lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from infra.kafka.broker import Broker
from tests.support.browser import chromium, reader
from tests.support.cluster import cluster_on, until
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port
from tests.support.site_cluster import ClusterSite, site_on

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(
    bare_broker: Broker,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ClusterSite]:
    folder = tmp_path_factory.mktemp("site")
    with site_on(bare_broker, redis_server, postgres_server, folder) as made:
        console = made.start_console()
        until(console.ready)
        made.until_page("/inbox", lambda page: "shop:c08" in page)
        yield made


def task_of(site: ClusterSite, customer: str) -> dict[str, object]:
    """The open task that a page names as this customer's."""
    listed = json.loads(site.cluster.run("inbox", "--json", user="ops").stdout)["rows"]
    task: dict[str, object] = next(
        row["task"] for row in listed if row["customer"]["key"] == customer
    )
    return task


def command(
    site: ClusterSite, task: dict[str, object], verb: str, **body: object
) -> httpx.Response:
    return httpx.post(
        f"{site.url}/v1/tasks/{task['task_id']}/{verb}",
        json=body,
        headers={"holdfast-manager": str(task["manager"]), "if-match": "*"},
        timeout=30,
    )


def test_tasks_of_an_import_stand_in_the_inbox_with_names_and_counts(site: ClusterSite) -> None:
    page = site.page("/inbox")

    assert [name for name in ("c11", "c10", "c09", "c08", "c07") if f"shop:{name}" in page] == [
        "c11",
        "c10",
        "c09",
        "c08",
    ]
    assert "To do 4" in page
    assert "Up to date" in page
    assert "Stale" not in page


@pytest.mark.parametrize(
    "path", ["/customers", "/ops", "/quality", "/find?q=shop:c11", "/find?q=%00"]
)
def test_the_other_pages_are_shown_too(site: ClusterSite, path: str) -> None:
    answer = httpx.get(site.url + path, follow_redirects=True, timeout=60)

    assert answer.status_code == 200, answer.text
    assert "This cannot be shown" not in answer.text


@pytest.mark.parametrize(
    "path", ["/inbox?after=--1~0~a", "/inbox?search=%00", "/tasks/%00", "/inbox?after=0~0~'"]
)
def test_what_nobody_asks_for_does_no_harm(site: ClusterSite, path: str) -> None:
    assert httpx.get(site.url + path, timeout=30).status_code in {200, 404}


def test_it_answers_to_this_machine_only_and_says_so(site: ClusterSite) -> None:
    port = site.url.rpartition(":")[2]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{port}/inbox")

    assert "there is no sign-in yet" in site.roles["console"].said()
    health = httpx.get(f"{site.roles['console'].health}/metrics").text
    assert "holdfast_console_stale 0.0" in health


def test_a_task_is_accepted_worked_on_and_closed_and_its_outcome_stands_on_the_card(
    site: ClusterSite,
) -> None:
    task = task_of(site, "c08")
    stale = httpx.post(
        f"{site.url}/v1/tasks/{task['task_id']}/accept",
        headers={"holdfast-manager": str(task["manager"]), "if-match": '"1"'},
    )
    assert stale.status_code == 412, stale.text

    accepted = command(site, task, "accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "working")
    at_once = site.page("/inbox", str(task["manager"]))
    assert "in work" in at_once

    assert command(site, task, "contact", channel="call", reached=True).status_code == 200
    closed = command(site, task, "close", outcome="saved-confirmed")
    assert (closed.status_code, closed.json()["outcome"]) == (200, "saved-confirmed")
    assert "shop:c08" not in site.page("/inbox")
    assert "shop:c08" in site.page("/inbox?view=closed")

    def facts() -> list[str]:
        said = site.cluster.run("card", "shop:c08", "--json", user="ops").stdout
        return [fact["type"] for fact in json.loads(said)["latest_facts"]]

    until(lambda: "crm.retention.closed.v1" in facts())


def test_a_read_model_that_is_lost_is_made_anew_from_the_topic(site: ClusterSite) -> None:
    before = site.page("/inbox?view=all")
    site.stop("console")
    with psycopg.connect(site.cluster.postgres.conninfo, autocommit=True) as connection:
        connection.execute("DELETE FROM console_tasks WHERE label LIKE '%c11'")

    until(site.start_console("--anew").ready)

    after = site.until_page("/inbox?view=all", lambda page: "shop:c11" in page)
    assert after.split("To do")[-1] == before.split("To do")[-1]


def test_two_consoles_show_the_same_and_each_sees_what_was_done_at_the_other(
    site: ClusterSite,
) -> None:
    first = site.url
    until(site.start_console().ready)
    task = task_of(site, "c09")
    assert command(site, task, "accept").status_code == 200

    there = httpx.get(f"{first}/inbox?view=all", timeout=30).text
    assert "in work" in there.split("shop:c09")[1].split("</tr>")[0]


def test_a_topic_that_is_late_never_takes_back_what_was_accepted(site: ClusterSite) -> None:
    task = task_of(site, "c10")

    def state() -> str:
        row = httpx.get(f"{site.url}/inbox?view=all", timeout=30).text.split("shop:c10")[1]
        return "in work" if "in work" in row.split("</tr>")[0] else "offered"

    def taken() -> int:
        with psycopg.connect(site.cluster.postgres.conninfo) as connection:
            found = connection.execute("SELECT sum(sequence + 1) FROM console_positions").fetchone()
        return 0 if found is None else int(found[0])

    site.stop("alerts")
    assert state() == "offered"
    assert command(site, task, "accept").status_code == 200
    seen, before = {state()}, taken()
    site.start_alerts()
    until(lambda: seen.add(state()) or taken() > before)

    assert seen | {state()} == {"in work"}


def test_without_a_log_it_waits_says_so_and_ends_when_it_is_told(
    bare_broker: Broker,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, "console-waits.", tmp_path, partitions=2) as cluster:
        port = free_port()
        console = cluster.start("console", "--port", str(port))
        until(lambda: "there is no log yet" in console.why_not())

        assert not console.ready()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/inbox")
        assert console.stop() == 0


def test_where_profiles_or_alerts_stop_pages_are_stale_and_never_say_that_nothing_is_to_do(
    site: ClusterSite,
) -> None:
    empty, cannot = "Nothing to do here", "It cannot be told whether there is anything to do"
    with chromium() as browser, reader(browser, site.url, manager="TL-1") as page:
        page.goto(f"{site.url}/inbox")
        expect(page.get_by_role("heading", name=empty)).to_be_visible()

        site.stop("profiles")
        assert site.post("c01", "while nobody folds").status_code == 202
        expect(page.locator("[data-level]")).to_have_attribute(
            "data-level", "stale", timeout=30_000
        )
        page.reload()
        expect(page.get_by_role("heading", name=cannot)).to_be_visible()
        expect(page.get_by_role("heading", name=empty)).to_have_count(0)

        site.start("profiles")
        expect(page.locator("[data-level]")).to_have_attribute(
            "data-level", "fresh", timeout=60_000
        )
        page.reload()
        expect(page.get_by_role("heading", name=empty)).to_be_visible()

        site.stop("alerts")
        expect(page.locator("[data-level]")).to_have_attribute(
            "data-level", "stale", timeout=30_000
        )
        page.reload()
        expect(page.get_by_role("heading", name=cannot)).to_be_visible()
        expect(page.get_by_text("no `holdfast alerts` leads the desk")).to_be_visible()
