"""What a door acknowledged stands in the log exactly once, however often its process is killed."""

import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.commands import Serving, holdfast, serving, serving_until_killed
from tests.faults.events import OUTAGES, Sender, order
from tests.faults.folders import log_file, rows

SEED = 31
CONNECTIONS = 4
EVENTS_A_BATCH = 100


class Shop:
    """One sender that keeps sending its orders until it is cut off, and remembers which stand.

    What was not answered is sent again, first of all, at the next opportunity.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self.sent: list[dict[str, object]] = []
        self.acknowledged: set[object] = set()

    def send_until_cut_off(self, url: str, acknowledged: Callable[[], None]) -> None:
        sender = Sender(url)
        try:
            with suppress(*OUTAGES):
                while True:
                    event = self._next()
                    answer = sender.send(event)
                    assert answer.status == 202, answer
                    self.acknowledged.add(event["id"])
                    acknowledged()
        finally:
            sender.close()

    def _next(self) -> dict[str, object]:
        if self.sent and self.sent[-1]["id"] not in self.acknowledged:
            return self.sent[-1]
        name = f"{self._number}-{len(self.sent)}"
        self.sent.append(order(name, customer=f"{self._number}-{len(self.sent) % 7}"))
        return self.sent[-1]


class KillAt:
    """Kills a server once so many events were acknowledged, while other requests are under way."""

    def __init__(self, server: Serving, count: int) -> None:
        self._server = server
        self._left = count
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._server.kill()


def publish_until_killed(data: Path, shops: list[Shop], acknowledgements: int) -> None:
    with serving_until_killed(data) as server:
        kill = KillAt(server, acknowledgements)
        threads = [
            threading.Thread(target=shop.send_until_cut_off, args=(server.url, kill))
            for shop in shops
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def resend_everything(data: Path, events: list[dict[str, object]]) -> int:
    """Send all of them in batches to a new process; return how many were not there yet."""
    accepted = 0
    with serving(data) as server:
        sender = Sender(server.url)
        for start in range(0, len(events), EVENTS_A_BATCH):
            answer = sender.send_batch(events[start : start + EVENTS_A_BATCH])
            assert answer.status == 202, answer
            accepted += int(str(answer.body["accepted"]))
        sender.close()
    return accepted


def ids_in_log(data: Path) -> list[object]:
    """The ids of all facts of the shop, in order."""
    query = "SELECT id FROM facts WHERE source = 'shop' ORDER BY id"
    return [name for (name,) in rows(log_file(data), query)]


def run_serve_killed(data: Path, kills: int, most: int, told: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(SEED)
    shops = [Shop(number) for number in range(CONNECTIONS)]
    for _ in range(kills):
        publish_until_killed(data, shops, acknowledgements=chance.randint(1, most))
    acknowledged = {name for shop in shops for name in shop.acknowledged}
    sent = [event for shop in shops for event in shop.sent]

    found = ids_in_log(data)
    assert len(found) == len(set(found)), "nothing stands twice"
    assert acknowledged <= set(found), "nothing acknowledged is lost"

    with told.disabled():
        sys.stdout.write(
            f"\nkills: {kills}, acknowledged: {len(acknowledged)}, in the log without an answer:"
            f" {len(found) - len(acknowledged)}, lost without an answer: {len(sent) - len(found)}\n"
        )

    assert resend_everything(data, sent) == len(sent) - len(found)
    assert ids_in_log(data) == sorted(str(event["id"]) for event in sent)

    assert resend_everything(data, sent) == 0
    assert ids_in_log(data) == sorted(str(event["id"]) for event in sent)
    ended = holdfast("verify", "--data", data)
    assert ended.code == 0, ended


def test_serve_killed_at_seeded_moments_while_events_come_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_serve_killed(tmp_path / "data", kills=3, most=150, told=capsys)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_serve_killed_thirty_times_while_events_come_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_serve_killed(tmp_path / "data", kills=30, most=1_500, told=capsys)
