"""What no page does: answer to another name, take another site's command, run what somebody sent."""

from collections.abc import AsyncIterator

import httpx
import pytest

from infra.folder import DataFolder
from services.console.guard import LARGEST_BODY
from tests.unit.console.consoles import CARD, SCRIPT, asking, got

PAGES = ["/customers", CARD, "/ops", "/quality", "/nowhere", "/static/console.css"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_or_loads_but_what_is_ours(folder: DataFolder, path: str) -> None:
    headers = got(folder, path).headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES[:4])
def test_a_page_has_no_inline_script_or_style_and_asks_nobody_else(
    folder: DataFolder, path: str
) -> None:
    page = got(folder, path).text

    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page
    assert page.count("<script") == page.count("<script src=")
    assert [part for part in page.split('"') if part.startswith(("http", "//"))] == []


def test_a_script_in_a_name_is_shown_and_does_not_run(folder: DataFolder) -> None:
    page = got(folder, CARD).text

    assert SCRIPT not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u202egnp.exe" in page


@pytest.mark.parametrize("host", ["crm.example", "127.0.0.1.crm.example:8751", ""])
def test_a_foreign_name_is_refused(folder: DataFolder, host: str) -> None:
    answer = got(folder, "/customers", host=host)

    assert (answer.status_code, answer.json()["reason"]) == (421, "unknown-host")


@pytest.mark.parametrize("host", ["localhost:8751", "127.0.0.1", "[::1]:8751"])
def test_its_own_names_are_answered(folder: DataFolder, host: str) -> None:
    assert got(folder, "/ops", host=host).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://127.0.0.1:8751"}, 303),
        ({}, 303),
    ],
)
def test_only_our_own_pages_may_command(
    folder: DataFolder, headers: dict[str, str], status: int
) -> None:
    def post(client: httpx.AsyncClient):  # type: ignore[no-untyped-def]  # a coroutine of httpx
        return client.post("/preferences", data={"language": "zh"}, headers=headers)

    assert asking(folder, post).status_code == status


def test_a_large_body_is_refused_however_it_comes(folder: DataFolder) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * (LARGEST_BODY // 8)

    async def post(client: httpx.AsyncClient) -> tuple[int, int]:
        declared = await client.post("/preferences", content=b"x" * (LARGEST_BODY + 1))
        form = {"content-type": "application/x-www-form-urlencoded"}
        streamed = await client.post("/preferences", content=pieces(), headers=form)
        return declared.status_code, streamed.status_code

    assert asking(folder, post) == (413, 413)
