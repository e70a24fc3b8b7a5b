"""Systems that send facts, over HTTP and through ``crm.intake``, and send again until they are answered.

What they were told is kept: each acknowledged event must stand in the log once.
"""

import datetime
import json
import threading
import time
from collections.abc import Callable, Sequence
from random import Random

import httpx
from confluent_kafka import KafkaError, Message, Producer

from infra.kafka.connection import connection
from tests.faults.soak.site import SECONDS_A_DAY, Site

CUSTOMERS = 48
MICROSECONDS = 1_000_000
PHASE_DAYS = 10
EVENTS_A_BATCH = 6
SECONDS_BETWEEN_TRIES = 0.2
SECONDS_TO_QUIET = 180
RESENT = 0.1
"""The part of batches that is sent a second time after it was answered."""

BATCH = {"content-type": "application/cloudevents-batch+json"}
STRUCTURED = {"content-type": b"application/cloudevents+json"}
Event = dict[str, object]
Name = tuple[str, str]
"""(source, id)."""


class Population:
    """Customers who buy, use and complain; in every third phase each of them falls silent."""

    def __init__(self, source: str, random: Random, now: Callable[[], int]) -> None:
        self._source = source
        self._random = random
        self._now = now
        self._number = 0

    def batch(self) -> list[Event]:
        return [self.event() for _ in range(self._random.randint(1, EVENTS_A_BATCH))]

    def event(self) -> Event:
        self._number += 1
        late = self._random.choice((0, 0, 0, 0, 0, 1, 3)) * SECONDS_A_DAY
        instant = self._now() // MICROSECONDS - late - self._random.randint(0, 600)
        customer = self._pick(instant // SECONDS_A_DAY)
        kind, data = self._fact()
        return {
            "specversion": "1.0",
            "id": f"{self._number}",
            "source": self._source,
            "type": kind,
            "time": datetime.datetime.fromtimestamp(instant, datetime.UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": {"customer": {"system": "crm", "key": f"customer {customer}"}, **data},
        }

    def _pick(self, day: int) -> int:
        while True:
            customer = self._random.randrange(CUSTOMERS)
            if (day // PHASE_DAYS + customer) % 3:
                return customer

    def _fact(self) -> tuple[str, Event]:
        number, random = f"{self._source} {self._number}", self._random
        match random.random():
            case chance if chance < 0.7:
                total = {"amount": random.randint(100, 9_999), "currency": "EUR"}
                return "crm.order.placed.v1", {"order_id": number, "total": total}
            case chance if chance < 0.85:
                used = {"value": random.randint(1, 40) / 8, "unit": "GB"}
                return "crm.usage.recorded.v1", {"service": "mobile-data", "quantity": used}
            case chance if chance < 0.92:
                opened = {"complaint_id": number, "category": "billing", "severity": "high"}
                return "crm.complaint.opened.v1", opened
            case _:
                account = f"account-{random.randint(1, 5)}"
                return "crm.account.assigned.v1", {"root_account": account}


class Sender:
    """One system, in a thread of its own. ``send`` returns once a batch is acknowledged."""

    def __init__(
        self, population: Population, send: Callable[[Sequence[Event]], None], rest: float
    ) -> None:
        """``rest`` is how many seconds there are between two batches."""
        self.acknowledged: dict[Name, Event] = {}
        self._rest = rest
        self._population = population
        self._send = send
        self._wanted = threading.Event()
        self._parked = threading.Event()
        self._ending = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._wanted.set()
        self._thread.start()

    def pause(self) -> None:
        """Ask it to send one more batch, begun from here on, and then none."""
        self._parked.clear()
        self._wanted.set()  # it may be quiet already
        self._wanted.clear()

    def wait(self, deadline: float) -> None:
        """Return once it is quiet."""
        while not self._parked.wait(0.1):
            assert self._failed is None, self._failed
            assert time.monotonic() < deadline, "a sender gets no answer"

    def resume(self) -> None:
        self._wanted.set()

    def end(self) -> None:
        self._ending.set()
        self._wanted.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._ending.is_set():
                asked = not self._wanted.is_set()
                self._send_one()
                if asked:
                    self._parked.set()
                    self._wanted.wait()
                self._ending.wait(self._rest)
        except Exception as error:  # noqa: BLE001 - whatever it was: told to who waits
            self._failed = error

    def _send_one(self) -> None:
        batch = self._population.batch()
        self._send(batch)
        for event in batch:
            self.acknowledged[str(event["source"]), str(event["id"])] = event


class HttpSending:
    """Posts to whichever door answers, for as long as it takes, and some batches twice."""

    def __init__(self, doors: Callable[[], list[str]], random: Random) -> None:
        self._doors = doors
        self._random = random
        self._at = 0
        self._client = httpx.Client(timeout=15)
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Send no more, answered or not."""
        self._given_up.set()

    def close(self) -> None:
        self._client.close()

    def __call__(self, batch: Sequence[Event]) -> None:
        body = json.dumps(batch)
        self._post(body, ("accepted", "duplicate"))
        if self._random.random() < RESENT:
            self._post(body, ("duplicate",))

    def _post(self, body: str, expected: Sequence[str]) -> None:
        while not self._given_up.is_set():
            doors = self._doors()
            try:
                answer = self._client.post(
                    doors[self._at % len(doors)], content=body, headers=BATCH
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == httpx.codes.ACCEPTED:
                found = {result["status"] for result in answer.json()["results"]}
                assert found <= set(expected), (found, answer.text)
                return
            assert answer is None or answer.status_code == 503, answer.text
            self._at += 1
            self._given_up.wait(SECONDS_BETWEEN_TRIES)


class IntakeSending:
    """Publishes to ``crm.intake`` as any system would, which is acknowledged by the brokers."""

    def __init__(self, site: Site) -> None:
        arguments = connection(site.settings()).librdkafka
        self._producer = Producer(
            {**arguments, "acks": "all", "enable.idempotence": True, "message.timeout.ms": 0}
        )

    def __call__(self, batch: Sequence[Event]) -> None:
        for event in batch:
            self._producer.produce(
                "crm.intake", json.dumps(event), headers=STRUCTURED, on_delivery=_stands
            )
        assert self._producer.flush(SECONDS_TO_QUIET) == 0


def _stands(error: KafkaError | None, message: Message) -> None:
    assert error is None, error


class Senders:
    """All that is sent to a site."""

    def __init__(self, site: Site, seed: int, rest: float) -> None:
        self._http = [HttpSending(site.doors, Random(seed + number)) for number in (1, 2)]
        ways = [*self._http, IntakeSending(site)]
        self._senders = [
            Sender(_population(site, seed, number), way, rest) for number, way in enumerate(ways)
        ]

    def quiet(self) -> None:
        """Return once each has sent one more batch, and all that was ever sent is acknowledged."""
        for sender in self._senders:
            sender.pause()
        deadline = time.monotonic() + SECONDS_TO_QUIET
        for sender in self._senders:
            sender.wait(deadline)

    def go_on(self) -> None:
        for sender in self._senders:
            sender.resume()

    def acknowledged(self) -> dict[Name, Event]:
        """All that must stand in the log; only while they are quiet."""
        return {
            name: event for sender in self._senders for name, event in sender.acknowledged.items()
        }

    def end(self) -> None:
        for way in self._http:
            way.give_up()
        for sender in self._senders:
            sender.end()
        for way in self._http:
            way.close()


def _population(site: Site, seed: int, number: int) -> Population:
    return Population(f"system-{number}", Random(f"{seed} {number}"), lambda: site.now)
