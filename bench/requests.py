"""Prebuilt POST requests: single facts in binary mode, and batches."""

import datetime
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from bench.synthetic import Firm, facts_of
from events.envelope import CloudEvent
from infra.log.records import NewFact

FACTS_A_BATCH = 1_000


def single_posts(facts: Iterable[NewFact], time: datetime.datetime) -> Iterator[bytes]:
    """Yield a request a fact, in CloudEvents binary mode."""
    for fact in facts:
        yield _request(
            f"ce-specversion: 1.0\r\nce-id: {fact.id}\r\nce-source: {fact.source}\r\n"
            f"ce-type: {fact.type}\r\nce-time: {time.isoformat()}\r\n"
            "content-type: application/json\r\n",
            fact.data,
        )


def batch_posts(facts: Iterable[NewFact], time: datetime.datetime) -> Iterator[bytes]:
    """Yield a request for each thousand facts, in CloudEvents batch mode."""
    supply = iter(facts)
    while batch := list(islice(supply, FACTS_A_BATCH)):
        events = [
            CloudEvent("1.0", fact.id, fact.source, fact.type, time, msgspec.Raw(fact.data))
            for fact in batch
        ]
        body = msgspec.json.encode(events)
        yield _request("content-type: application/cloudevents-batch+json\r\n", body)


def facts_for(number: int, seed: int) -> list[NewFact]:
    """Return facts of a firm of its own, whose ids no other seed's firm uses."""
    firm = Firm(number, max(20, number // 20), 1, seed)
    return [msgspec.structs.replace(fact, id=f"{seed}-{fact.id}") for fact in facts_of(firm)]


def _request(headers: str, body: bytes) -> bytes:
    start = f"POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}"
    return f"{start}content-length: {len(body)}\r\n\r\n".encode() + body
