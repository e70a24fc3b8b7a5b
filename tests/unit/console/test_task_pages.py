"""Pages of tasks without a script: who may do what, what is refused and why, and what is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from domain.retention.task import RetentionTask
from infra.inbox.port import InboxQuery
from services.console.app import console_app
from services.console.looking import Looking
from tests.support.desks import ANN, BEN, LEAD, customer, placed
from tests.support.tasked import TaskWorld, task_world
from tests.unit.console.consoles import HERE
from tests.unit.ops.folders import StandingClock, order, write

T = TypeVar("T")
SCRIPT = {"hx-request": "true"}


class Visit:
    """A browser without scripts on a console with tasks."""

    def __init__(self, client: httpx.AsyncClient, world: TaskWorld) -> None:
        self.client = client
        self.world = world

    async def task(self, number: int = 1) -> RetentionTask:
        return await self.world.world.task_of(number)

    async def raised(self, *numbers: int, owner: str = ANN) -> RetentionTask:
        events = [self.world.world.raised(n, placed(n, owner=owner)) for n in numbers]
        await self.world.world.hear(*events)
        await self.world.catch_up()
        return await self.task(numbers[0])

    async def do(
        self, verb: str, by: str, headers: dict[str, str] | None = None, /, **fields: str
    ) -> httpx.Response:
        task = await self.task()
        form = {"version": str(task.version), **fields}
        cookies = {"cookie": f"holdfast_manager={by}", **(headers or {})}
        return await self.client.post(f"/tasks/{task.task_id}/{verb}", data=form, headers=cookies)

    async def get(self, path: str, manager: str = ANN) -> str:
        answer = await self.client.get(path, headers={"cookie": f"holdfast_manager={manager}"})
        assert answer.status_code == 200, answer.text
        return " ".join(answer.text.split())


def visiting(path: Path, work: Callable[[Visit], Awaitable[T]]) -> T:
    async def run() -> T:
        folder = await write(path / "data", [order("A", 0)], 2)
        async with task_world(path) as world:
            app = console_app(Looking(folder, StandingClock()), lambda: False, world.parts)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
                return await work(Visit(client, world))

    return asyncio.run(run())


def test_forms_take_a_task_from_the_offer_to_its_end(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        task = await visit.raised(1)
        accepted = await visit.do("accept", ANN)
        assert (accepted.status_code, accepted.headers["location"]) == (
            303,
            f"/tasks/{task.task_id}",
        )
        await visit.do("contact", ANN, channel="call", reached="yes", note="<b>soon</b>")
        await visit.do("close", ANN, outcome="saved-confirmed")

        page = await visit.get(f"/tasks/{task.task_id}")
        for said in ("accepted", "call, to the customer, reached", "closed: saved, confirmed"):
            assert said in page
        assert "&lt;b&gt;soon&lt;/b&gt;" in page
        assert "saved, confirmed" in await visit.get("/inbox?view=closed")
        assert "Reopen" in page

    visiting(tmp_path, work)


def test_what_is_refused_is_explained_and_changes_nothing(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        task = await visit.raised(1)

        async def said(verb: str, by: str, /, **fields: str) -> str:
            answer = await visit.do(verb, by, **fields)
            assert answer.status_code == 409
            return answer.text

        assert f"The task is {ANN}&#39;s." in await said("accept", BEN)
        assert "Something happened meanwhile" in await said("accept", ANN, version="1")
        assert "why is missing" in await said("decline", ANN)
        assert "the field why cannot be read" in await said("decline", ANN, why="bored")
        assert "Only who acts as lead may do this." in await said("reassign", ANN, manager=BEN)
        assert await visit.task() == task
        await visit.do("accept", ANN)
        assert "Log a contact first" in await said("close", ANN, outcome="saved-confirmed")
        assert "A task may rest from" in await said("snooze", ANN, until="2031-01-01")
        assert "the field until cannot be read" in await said("snooze", ANN, until="soon")
        assert "the field note cannot be read" in await said("note", ANN, note="x" * 5000)

    visiting(tmp_path, work)


def test_a_script_is_answered_with_the_row_as_it_is_now(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        task = await visit.raised(1)
        done = await visit.do("accept", ANN, SCRIPT)
        late = await visit.do("accept", ANN, SCRIPT, version=str(task.version))

        assert 'class="state working"' in done.text
        assert "Done: shop:1" in done.text
        assert 'class="state working"' in late.text
        assert "Something happened meanwhile" in late.text

    visiting(tmp_path, work)


def test_the_same_key_again_is_the_same_command(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        await visit.raised(1)
        await visit.do("accept", ANN)
        version = str((await visit.task()).version)
        for _ in range(2):
            await visit.do("note", ANN, version=version, key="k-1", note="once")
        assert (await visit.task()).version == int(version) + 1

    visiting(tmp_path, work)


@pytest.mark.parametrize(
    ("manager", "offered"),
    [(ANN, ["Accept", "Decline"]), (BEN, []), (LEAD, ["Hand over"]), ("", [])],
)
def test_a_page_offers_what_its_reader_may_do(
    tmp_path: Path, manager: str, offered: list[str]
) -> None:
    async def work(visit: Visit) -> None:
        task = await visit.raised(1)
        page = await visit.get(f"/tasks/{task.task_id}", manager)
        found = [verb for verb in ("Accept", "Decline", "Hand over") if f">{verb}<" in page]
        assert found == offered

    visiting(tmp_path, work)


def test_nobody_can_command_without_saying_as_whom(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        await visit.raised(1)
        assert [(await visit.do("accept", who)).status_code for who in ("", "AM-9")] == [403, 403]

    visiting(tmp_path, work)


def test_lists_are_cut_by_view_reason_and_search_and_paged(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        await visit.raised(*range(1, 9))

        async def rows(query: str) -> int:
            return (await visit.get(f"/inbox?{query}")).count('data-task="')

        assert await rows("view=all") == 8
        assert (await rows("view=mine"), await rows("view=queue")) == (3, 2)
        assert await rows("view=all&reason=churn-risk") == 0
        assert await rows("view=all&reason=unusually-quiet&search=shop:3") == 1
        assert await rows("view=nonsense&reason=nonsense&after=x~y~z") == 3
        page = await visit.world.inbox.page(InboxQuery(limit=3))
        assert page.next is not None
        after = f"{page.next.due_slot}~{page.next.value}~{page.next.task_id}"
        assert await rows(f"view=all&after={after}") == 5

    visiting(tmp_path, work)


def test_a_card_lists_its_tasks_and_unknown_ones_are_missing(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        await visit.raised(1)
        answers = [
            (await visit.client.get(path)).status_code
            for path in ("/tasks/nobody", f"/tasks/{customer(1)}", "/tasks/x/ask/accept")
        ]
        assert answers == [404, 404, 404]

    visiting(tmp_path, work)


def test_tasks_that_stand_still_are_said_to(tmp_path: Path) -> None:
    async def work(visit: Visit) -> None:
        visit.world.follower.failed = "the disk is full"

        page = await visit.get("/inbox")
        assert "Tasks stand still: the disk is full" in page
        assert "Nothing to do here" not in page

    visiting(tmp_path, work)
