"""Tasks over REST: commands with a version and a key, refusals that say why, and what schemathesis finds."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import Receive, Scope, Send

from services.console.app import console_app
from services.console.looking import Looking
from services.console.tasks.verbs import Verb
from tests.support.browser import aside
from tests.support.desks import ANN, BEN, LEAD, POLICY, TEAM, DeskWorld, in_sqlite, placed
from tests.support.tasked import TaskWorld
from tests.unit.ops.folders import StandingClock, id_of, order, written

REFUSED = ["403", "404", "409", "412", "422", "428"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "negative_data_rejection": {
                "expected-statuses": [*REFUSED, "400", "405", "413", "503"]
            },
            # A schema cannot say who a manager is, nor in which state a task is.
            "positive_data_acceptance": {"expected-statuses": ["200", *REFUSED]},
        }
    }
)
NUMBERS = range(1, 4)
"""As many as Ann can bear."""


class Site:
    """A console with tasks that any event loop may ask."""

    def __init__(self, path: Path) -> None:
        folder = aside(lambda: written(path / "data", [order("A", 0)], 2))
        self.world = DeskWorld(in_sqlite(path), POLICY, 1)
        self.tasks = TaskWorld(self.world, path)
        self.app: FastAPI = console_app(
            Looking(folder, StandingClock()), lambda: False, self.tasks.parts
        )
        aside(lambda: asyncio.run(self._open()))
        self.ids = [
            str(aside(lambda n=n: asyncio.run(self.world.task_of(n))).task_id) for n in NUMBERS
        ]

    async def _open(self) -> None:
        await self.world.desk.list_managers(TEAM)
        await self.world.hear(*(self.world.raised(n, placed(n, owner=ANN)) for n in NUMBERS))
        await self.tasks.catch_up()

    async def _close(self) -> None:
        await self.tasks.inbox.close()
        self.world.reader.close()
        await self.world.desk.close()

    def close(self) -> None:
        aside(lambda: asyncio.run(self._close()))

    def send(self, method: str, path: str, json: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def sending() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                return await client.request(method, path, json=json, headers=named)

        return aside(lambda: asyncio.run(sending()))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def api_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(tmp_path_factory.mktemp("api"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def api_schema(api_site: Site) -> OpenApiSchema:
    async def local(scope: Scope, receive: Receive, send: Send) -> None:
        """The app under a name that it answers to, whatever the client calls it."""
        if scope["type"] == "http":
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "headers": [*others, (b"host", b"localhost")]}
        await api_site.app(scope, receive, send)

    return schemathesis.openapi.from_asgi("/v1/openapi.json", local, config=CONFIG)


PATHS = ["", "/{task_id}", "/{task_id}/history", *(f"/{{task_id}}/{verb.value}" for verb in Verb)]


WITH_A_BODY = [f"/{{task_id}}/{verb}" for verb in ("contact", "note", "snooze", "close")]
MODES = [
    *((path, GenerationMode.POSITIVE) for path in PATHS),
    *((path, GenerationMode.NEGATIVE) for path in ("", *WITH_A_BODY)),
]


@pytest.mark.parametrize(("path", "mode"), MODES)
def test_the_api_does_as_its_openapi_document_says(
    api_schema: OpenApiSchema, api_site: Site, path: str, mode: GenerationMode
) -> None:
    place = api_schema[f"/v1/tasks{path}"]
    operation = place["GET" if path in PATHS[:3] else "POST"]

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=mode),
        known=st.booleans(),
        who=st.sampled_from([ANN, BEN, LEAD, None]),
    )
    def drive(case: schemathesis.Case, known: bool, who: str | None) -> None:
        if known and path:
            case.path_parameters["task_id"] = api_site.ids[0]
        if who is not None and operation.method == "post":
            case.headers["Holdfast-Manager"], case.headers["If-Match"] = who, "*"
        case.call_and_validate()

    drive()


@pytest.mark.parametrize("known", [True, False])
def test_why_not_does_as_its_openapi_document_says(
    api_schema: OpenApiSchema, api_site: Site, known: bool
) -> None:
    operation = api_schema["/v1/accounts/{account}/why-not"]["GET"]

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def drive(case: schemathesis.Case) -> None:
        if known:
            case.path_parameters["account"] = str(id_of("A"))
        case.call_and_validate()

    drive()


def test_why_not_tells_of_who_never_had_a_signal_and_of_nobody_at_all(site: Site) -> None:
    told = site.send("GET", f"/v1/accounts/{id_of('A')}/why-not").json()
    nobody = site.send("GET", "/v1/accounts/nobody/why-not")

    (customer,) = told["customers"]
    assert customer["customer"] == {"system": "shop", "key": "A"}
    assert customer["said"][:2] == [
        "No task is open.",
        "No signal was ever raised of this customer.",
    ]
    assert (nobody.status_code, nobody.json()["reason"]) == (404, "unknown-account")


def test_a_task_goes_from_offer_to_end(site: Site) -> None:
    path = f"/v1/tasks/{site.ids[0]}"
    etag = site.send("GET", path).headers["etag"]
    for verb, body in (
        ("accept", None),
        ("contact", {"channel": "call", "reached": True}),
        ("close", {"outcome": "saved-confirmed"}),
    ):
        answer = site.send("POST", f"{path}/{verb}", body, holdfast_manager=ANN, if_match=etag)
        assert answer.status_code == 200, answer.text
        etag = answer.headers["etag"]

    assert site.send("GET", path).json()["outcome"] == "saved-confirmed"
    steps = [step["type"] for step in site.send("GET", f"{path}/history").json()]
    assert steps[-1] == "crm.task.closed.v1"


@pytest.mark.parametrize(
    ("verb", "body", "headers", "status", "reason"),
    [
        ("accept", None, {"holdfast_manager": ANN, "if_match": '"1"'}, 412, "stale-version"),
        ("accept", None, {"holdfast_manager": ANN}, 428, "version-missing"),
        ("accept", None, {"if_match": "*"}, 403, "unknown-actor"),
        ("accept", None, {"holdfast_manager": BEN, "if_match": "*"}, 403, "not-yours"),
        ("accept", None, {"holdfast_manager": ANN, "if_match": "3"}, 422, "unreadable"),
        ("wake", None, {"holdfast_manager": ANN, "if_match": "*"}, 409, "wrong-state"),
        ("decline", {"why": "x"}, {"holdfast_manager": ANN, "if_match": "*"}, 422, "unreadable"),
        (
            "note",
            {"note": "", "by": 1},
            {"holdfast_manager": ANN, "if_match": "*"},
            422,
            "unreadable",
        ),
    ],
)
def test_a_refusal_names_its_reason(
    site: Site, verb: str, body: object, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = site.send("POST", f"/v1/tasks/{site.ids[0]}/{verb}", body, **headers)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (status == 412) == ("current" in answer.json())


def test_a_command_that_is_sent_again_is_answered_as_the_first_time(site: Site) -> None:
    path, named = f"/v1/tasks/{site.ids[0]}/accept", {"holdfast_manager": ANN, "if_match": "*"}

    first, again = (site.send("POST", path, idempotency_key="k-1", **named) for _ in range(2))

    assert first.status_code == 200
    assert again.content == first.content


def test_fifty_accept_at_once_and_one_of_them_does(site: Site) -> None:
    path = f"/v1/tasks/{site.ids[0]}"
    etag = site.send("GET", path).headers["etag"]
    headers = {"holdfast-manager": ANN, "if-match": etag}

    async def all_at_once() -> list[int]:
        transport = httpx.ASGITransport(site.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            sent = (client.post(f"{path}/accept", headers=headers) for _ in range(50))
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    statuses = aside(lambda: asyncio.run(all_at_once()))

    assert sorted(statuses) == [200, *[412] * 49]


def test_pages_of_a_list_follow_each_other(site: Site) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = site.send("GET", f"/v1/tasks?limit=2{after}").json()
        seen += [task["task_id"] for task in page["tasks"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert sorted(seen) == sorted(site.ids)


def test_another_sites_page_cannot_command(site: Site) -> None:
    named = {"holdfast_manager": ANN, "if_match": "*", "origin": "http://evil.example"}

    answer = site.send("POST", f"/v1/tasks/{site.ids[0]}/accept", **named)

    assert (answer.status_code, answer.json()["reason"]) == (403, "cross-site")
