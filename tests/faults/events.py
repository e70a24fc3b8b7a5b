"""Orders as an upstream system sends them, and a client of a few lines that can be cut off."""

import datetime
import http.client
import json
from urllib.parse import urlsplit

import msgspec

OUTAGES = (OSError, http.client.HTTPException)
"""What a client meets when the process behind the door dies."""


class Answer(msgspec.Struct, frozen=True):
    """Status and body of an answer."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]


def order(name: str, customer: str = "1") -> dict[str, object]:
    """An order placed a moment ago, as a structured CloudEvent; ``name`` is its id."""
    a_moment_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    line = {"sku": "LANTERN", "quantity": {"value": 1.0, "unit": "piece"}, "amount": 250}
    return {
        "specversion": "1.0",
        "id": name,
        "source": "shop",
        "type": "crm.order.placed.v1",
        "time": a_moment_ago.isoformat(),
        "data": {
            "customer": {"system": "shop", "key": customer},
            "order_id": name,
            "total": {"amount": 250, "currency": "GBP"},
            "lines": [line],
        },
    }


class Sender:
    """One connection to a door."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        assert place.hostname is not None
        self._connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)

    def send(self, event: dict[str, object]) -> Answer:
        """Publish one event. Raises one of `OUTAGES` where no answer comes."""
        return self._post("application/cloudevents+json", event)

    def send_batch(self, events: list[dict[str, object]]) -> Answer:
        """Publish a batch of events. Raises one of `OUTAGES` where no answer comes."""
        return self._post("application/cloudevents-batch+json", events)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _post(self, media_type: str, content: object) -> Answer:
        headers = {"content-type": media_type}
        self._connection.request("POST", "/v1/events", json.dumps(content), headers)
        answer = self._connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), json.loads(answer.read()))


def send(url: str, event: dict[str, object]) -> Answer:
    """Publish one event on a connection of its own."""
    sender = Sender(url)
    try:
        return sender.send(event)
    finally:
        sender.close()
