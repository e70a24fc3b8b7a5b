"""A verification is pinned: what is published meanwhile neither fails it nor waits for it."""

import json
import threading
from pathlib import Path
from typing import Self

from tests.faults.commands import holdfast, serving
from tests.faults.events import Sender, order

VERIFICATIONS = 3


class Publisher:
    """Publishes orders of a few customers, one after the other, until it is told to stop."""

    def __init__(self, url: str) -> None:
        self._sender = Sender(url)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._publish)
        self.refused: list[object] = []
        self.published = 0
        self.first_is_in = threading.Event()

    def _publish(self) -> None:
        while not self._stopping.is_set():
            answer = self._sender.send(order(str(self.published), str(self.published % 5)))
            if answer.status != 202:
                self.refused.append(answer)
            self.published += 1
            self.first_is_in.set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.first_is_in.wait(timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._sender.close()


def test_verify_passes_again_and_again_while_events_are_published(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server, Publisher(server.url) as publisher:
        ended = [holdfast("verify", "--data", data, "--json") for _ in range(VERIFICATIONS)]

    assert publisher.refused == []
    assert [one.code for one in ended] == [0] * VERIFICATIONS, ended
    reports = [json.loads(one.out) for one in ended]
    assert all(report["position"] <= report["end"] for report in reports)
    ends = [report["end"] for report in reports]
    assert ends == sorted(set(ends)), "each was pinned at a later moment than the one before"
    last = json.loads(holdfast("verify", "--data", data, "--json").out)
    assert last["counts"]["facts"] == publisher.published
