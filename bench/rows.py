"""From POST to the row: how long after a fact was to be sent an open page of the inbox is told of its task.

Facts come at a steady rate to Kafka mode with every role running. Each fiftieth puts a customer who is at
risk under another account, so that the task of the one is closed and one of the other is raised: a new row.
Its id follows from the account, so that it is known which fact a row came of. Who sends and who listens, as a
browser does to the server-sent events of the inbox, is one process.
"""

import asyncio
import datetime
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path

import httpx
import msgspec

from bench.figures import Figure, Section
from bench.kafka_mode import KafkaMode, Role, kafka_mode
from bench.latency import waits_of
from bench.paced import send_paced
from bench.postgres import postgres, program
from bench.processes import free_port, holdfast
from bench.requests import facts_for, single_posts
from bench.sizes import Sizes
from bench.stages import appended
from domain.retention.identities import task_id
from events import codec
from events.customers import AccountAssigned
from events.signals import SignalReason
from events.values import CustomerRef
from infra.kafka.settings import KafkaSettings
from infra.log.records import NewFact

FACTS_A_SECOND = 500
ONE_IN_SO_MANY_IS_A_ROW = 50
WARM_UP_SECONDS = 2
CONNECTIONS = 64
GOAL_MS = 1_500.0
SECONDS_TO_HEAR_ALL = 60.0
SECONDS_TO_DECIDE = 180.0
CUSTOMERS, ORDERS, SILENT_DAYS = 40, 30, 14
FIRST = datetime.date(2024, 1, 1)
ASSIGNED = "crm.account.assigned.v1"
NOTE = (
    "Counted from when a request was due to when an open inbox had the new row by server-sent events; the"
    f" first {WARM_UP_SECONDS} s are left out. Every row came. The clock stands at the end of the history."
)
MAP = """
source: shop
log: {timezone: UTC, currency: EUR}
columns:
  day: {type: time, format: "%Y-%m-%d", timezone: UTC}
  customer: text
  cents: integer
facts:
  - type: crm.order.placed.v1
    id: "{customer} {day}"
    time: day
    data:
      customer: {system: shop, key: {$column: customer}}
      order_id: {$text: "{customer} {day}"}
      total: {amount: {$column: cents}, currency: EUR}
"""
MANAGERS = "managers: [{code: AM-1, capacity: 10000}, {code: AM-2, capacity: 10000}]\n"
POLICY = "opening_limit: 10000\nleast_stake: 0\n"


class Told(msgspec.Struct, frozen=True):
    """Milliseconds from when a request was due to its answer, and to the row of its task.

    Of the rows also the parts of the way: to the signal on its topic, on to the task on its own, and on
    to the row.
    """

    answers: tuple[float, ...]
    rows: tuple[float, ...]
    signals: tuple[float, ...]
    tasks: tuple[float, ...]
    shown: tuple[float, ...]


class AtWork(msgspec.Struct, frozen=True):
    """What a firm runs: the door's port, the console's address, and the roles by name."""

    kafka: KafkaSettings
    door: int
    console: str
    roles: dict[str, Role]

    def cpu_seconds(self) -> dict[str, float]:
        """Return how long each kept processors busy so far."""
        return {name: role.running.cpu_seconds() for name, role in self.roles.items()}


def what_rows_lack() -> str | None:
    """Return what keeps PostgreSQL from being started here; None where nothing does."""
    return None if program("initdb") else "PostgreSQL is not installed"


def rows(sizes: Sizes) -> Section:
    """Run every role on a history with tasks, send at a steady rate, and listen to the inbox."""
    with kafka_mode() as servers, postgres() as database:
        mode = msgspec.structs.replace(servers, postgres=database)
        with _at_work(mode) as firm:
            requests = _requests(mode, sizes)
            begun, busy = time.monotonic(), firm.cpu_seconds()
            told = _measured(firm, requests)
            seconds = time.monotonic() - begun
            shares = {
                name: (now - busy[name]) / seconds for name, now in firm.cpu_seconds().items()
            }
    return Section(
        f"From POST to the row on the inbox, {FACTS_A_SECOND} facts/s for {sizes.paced_seconds} s,"
        f" {len(told.rows):,} rows",
        (
            *waits_of("POST to row", told.rows, GOAL_MS),
            *waits_of("POST to its 202", told.answers, None),
            *waits_of("POST to crm.signals", told.signals, None),
            *waits_of("crm.signals to crm.tasks", told.tasks, None),
            *waits_of("crm.tasks to row", told.shown, None),
            *(Figure(f"{name}, of one core", "", (share,)) for name, share in shares.items()),
        ),
        (NOTE,),
    )


@contextmanager
def _at_work(mode: KafkaMode) -> Iterator[AtWork]:
    """Import a history, and run what a firm runs."""
    door, console = free_port(), free_port()
    command = _history(mode.folder)
    desk = {
        "HOLDFAST_ALERTS_DOOR": f"http://127.0.0.1:{door}",
        "HOLDFAST_MANAGERS": str(mode.folder / "managers.yaml"),
        "HOLDFAST_TASK_POLICY": str(mode.folder / "policy.yaml"),
    }
    with ExitStack() as opened:
        roles = {
            "profiles": opened.enter_context(mode.role("profiles")),
            "archive": opened.enter_context(mode.role("archive")),
            "alerts": opened.enter_context(mode.role("alerts", **desk)),
        }
        with mode.role("learning"):  # only history waits for it
            _run_command(mode, "ingest", *command)
            roles["console"] = opened.enter_context(mode.role("console", "--port", str(console)))
            roles["console"].wait_until_ready()
            _wait_for_tasks(mode)
        roles["ingest"] = opened.enter_context(mode.role("ingest", "--port", str(door)))
        roles["ingest"].wait_for_figures("holdfast_writer_active 1")
        yield AtWork(mode.settings(), door, f"http://127.0.0.1:{console}", roles)


def _history(folder: Path) -> list[str]:
    """Write customers who order every day and fall silent, and one who does not; return the import."""
    lines = ["day,customer,cents"]
    for number in range(ORDERS + SILENT_DAYS):
        day = FIRST + datetime.timedelta(days=number)
        who = range(CUSTOMERS + 1) if number < ORDERS else (CUSTOMERS,)
        lines += [f"{day},c{customer},{10_000 + customer}" for customer in who]
    (folder / "sales.csv").write_text("\n".join([*lines, ""]), "utf-8")
    for name, text in (("sales.map", MAP), ("managers", MANAGERS), ("policy", POLICY)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return ["import", str(folder / "sales.csv"), "--map", str(folder / "sales.map.yaml")]


def _run_command(mode: KafkaMode, user: str, *arguments: str) -> str:
    """Run a command to its end; return what it said."""
    ended = subprocess.run(
        holdfast(*arguments, "--mode", "kafka"),
        env=mode.environment(user),
        check=True,
        capture_output=True,
        text=True,
    )
    return ended.stdout


def _wait_for_tasks(mode: KafkaMode) -> None:
    """Wait until the customers who fell silent have tasks. Raises ``TimeoutError``."""
    deadline = time.monotonic() + SECONDS_TO_DECIDE
    while len(_at_risk(mode)) < CUSTOMERS:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(_at_risk(mode))} of {CUSTOMERS} customers have a task")
        time.sleep(1.0)


def _at_risk(mode: KafkaMode) -> list[CustomerRef]:
    said = _run_command(mode, "ops", "inbox", "--json", "--limit", "500")
    found = {row["customer"]["key"] for row in json.loads(said)["rows"]}
    return [CustomerRef("shop", key) for key in sorted(found)]


def _requests(mode: KafkaMode, sizes: Sizes) -> tuple[bytes, ...]:
    number = (WARM_UP_SECONDS + sizes.paced_seconds) * FACTS_A_SECOND
    last = FIRST + datetime.timedelta(days=ORDERS + SILENT_DAYS - 1)
    at = datetime.datetime.combine(last, datetime.time(12), datetime.UTC)
    return tuple(single_posts(_facts(number, _at_risk(mode)), at))


def _measured(firm: AtWork, requests: tuple[bytes, ...]) -> Told:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_run, firm.kafka, (firm.door, firm.console), requests).result()


def _facts(number: int, at_risk: Sequence[CustomerRef]) -> list[NewFact]:
    """Return made-up facts, each fiftieth of which moves somebody to the account of its number."""
    facts = facts_for(number, seed=1)
    for turn, place in enumerate(range(0, number, ONE_IN_SO_MANY_IS_A_ROW)):
        assigned = AccountAssigned(at_risk[turn % len(at_risk)], _account(place))
        changed = {"type": ASSIGNED, "data": codec.encode(assigned)}
        facts[place] = msgspec.structs.replace(facts[place], **changed)
    return facts


def _account(place: int) -> str:
    return f"a{place}"


def _run(kafka: KafkaSettings, servers: tuple[int, str], requests: tuple[bytes, ...]) -> Told:
    return asyncio.run(_sent_and_told(kafka, servers, requests))


async def _sent_and_told(
    kafka: KafkaSettings, servers: tuple[int, str], requests: tuple[bytes, ...]
) -> Told:
    port, console = servers
    moved = range(0, len(requests), ONE_IN_SO_MANY_IS_A_ROW)
    wanted = {
        task_id(_account(place), reason, 1): place for place in moved for reason in SignalReason
    }
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream("GET", f"{console}/live?view=all") as stream,
    ):
        listening = asyncio.create_task(_listen(stream, wanted, len(moved)))
        times = await send_paced(port, requests, FACTS_A_SECOND, CONNECTIONS)
        told = await asyncio.wait_for(listening, SECONDS_TO_HEAR_ALL)
    counted = range(WARM_UP_SECONDS * FACTS_A_SECOND, len(requests))
    signals, tasks = await appended(kafka)
    epoch = time.time() - time.perf_counter()
    way = [
        (times[place][0], signals[_account(place)] - epoch, tasks[_account(place)] - epoch, row)
        for place, row in told.items()
        if place in counted
    ]
    return Told(
        answers=tuple((times[number][1] - times[number][0]) * 1e3 for number in counted),
        rows=tuple((row - due) * 1e3 for due, _, _, row in way),
        signals=tuple((signal - due) * 1e3 for due, signal, _, _ in way),
        tasks=tuple((task - signal) * 1e3 for _, signal, task, _ in way),
        shown=tuple((row - task) * 1e3 for _, _, task, row in way),
    )


async def _listen(stream: httpx.Response, wanted: dict[str, int], number: int) -> dict[int, float]:
    """Return when the first row of each was told, by the number in its account's name, once all were."""
    told: dict[int, float] = {}
    async for line in stream.aiter_lines():
        name = line.removeprefix("event: task-")
        if name != line and name in wanted:
            told.setdefault(wanted[name], time.perf_counter())
            if len(told) == number:
                return told
    raise ConnectionError("the console ended the stream")
