"""From POST to the signal: how long after a fact was to be sent a subscriber of ``crm.signals`` has its signal.

Facts come at a steady rate, most of them usage and orders; each fifth puts a customer under another
account, which is said in ``crm.signals`` as `CustomerPlaced`, and by the account's name it is told which
fact a signal came of. Who sends and who listens is one process; door and profiles are one each.
"""

import asyncio
import datetime
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import quantiles

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.figures import Figure, Section
from bench.kafka_mode import KafkaMode, kafka_mode, writing_door
from bench.paced import send_paced
from bench.requests import facts_for, single_posts
from bench.sizes import Sizes
from events import codec
from events.catalogue import SIGNALS
from events.customers import AccountAssigned
from events.signals import CustomerPlaced
from infra.kafka.connection import connection
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.log.records import NewFact

FACTS_A_SECOND = 500
ONE_IN_SO_MANY_IS_HEARD_OF = 5
WARM_UP_SECONDS = 2
PARTITIONS = 64
CONNECTIONS = 64
GOAL_MS = 500.0
SECONDS_TO_HEAR_ALL = 30.0
NOTE = (
    "Counted from when a request was due, so that one which had to wait counts in full; the first"
    f" {WARM_UP_SECONDS} s are left out. Every signal came, and came once."
)
ASSIGNED, PLACED = "crm.account.assigned.v1", b"crm.customer.placed.v1"


def latency(sizes: Sizes) -> Section:
    """Run door and profiles, send at a steady rate, and listen."""
    with kafka_mode() as mode, writing_door(mode) as port, mode.role("profiles") as profiles:
        profiles.wait_for_figures("holdfast_lag_events{", PARTITIONS)
        heard = _measured(mode, port, sizes)
    return Section(
        f"From POST to the signal, {FACTS_A_SECOND} facts/s for {sizes.paced_seconds} s,"
        f" {len(heard.signals):,} signals",
        (
            *waits_of("POST to signal", heard.signals, GOAL_MS),
            *waits_of("POST to its 202", heard.answers, None),
        ),
        (NOTE,),
    )


class Heard(msgspec.Struct, frozen=True):
    """Milliseconds from when a request was due to its answer, and to its signal."""

    answers: tuple[float, ...]
    signals: tuple[float, ...]


def waits_of(name: str, waits: Sequence[float], goal: float | None) -> Iterator[Figure]:
    """Return the figures of how long something took, in milliseconds; the goal is the 99th percentile's."""
    percentiles = quantiles(waits, n=100)
    yield Figure(f"{name}: p50", "ms", (percentiles[49],))
    yield Figure(f"{name}: p99", "ms", (percentiles[98],), most=goal)
    yield Figure(f"{name}: longest", "ms", (max(waits),))


def _measured(mode: KafkaMode, port: int, sizes: Sizes) -> Heard:
    facts = _facts((WARM_UP_SECONDS + sizes.paced_seconds) * FACTS_A_SECOND)
    requests = tuple(single_posts(facts, datetime.datetime.now(datetime.UTC)))
    arguments = (mode.settings(), port, requests, CONNECTIONS)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_run, *arguments).result()


def _facts(number: int) -> list[NewFact]:
    """Return made-up facts, each fifth of which assigns its customer to an account of its number."""
    facts = facts_for(number, seed=1)
    for place in range(0, number, ONE_IN_SO_MANY_IS_HEARD_OF):
        customer = msgspec.json.decode(facts[place].data)["customer"]
        assigned = msgspec.convert(
            {"customer": customer, "root_account": f"a{place}"}, AccountAssigned
        )
        facts[place] = msgspec.structs.replace(
            facts[place], type=ASSIGNED, data=codec.encode(assigned)
        )
    return facts


def _run(
    settings: KafkaSettings, port: int, requests: tuple[bytes, ...], connections: int
) -> Heard:
    return asyncio.run(_sent_and_heard(settings, port, requests, connections))


async def _sent_and_heard(
    settings: KafkaSettings, port: int, requests: tuple[bytes, ...], connections: int
) -> Heard:
    topic = TopicNames(settings.topic_prefix).of(SIGNALS)
    consumer = AIOKafkaConsumer(
        **connection(settings).aiokafka, enable_auto_commit=False, fetch_max_wait_ms=100
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, n) for n in await _partitions(consumer, topic)])
        await consumer.seek_to_end()
        listening = asyncio.create_task(
            _listen(consumer, len(range(0, len(requests), ONE_IN_SO_MANY_IS_HEARD_OF)))
        )
        times = await send_paced(port, requests, FACTS_A_SECOND, connections)
        heard = await asyncio.wait_for(listening, SECONDS_TO_HEAR_ALL)
    finally:
        await consumer.stop()
    counted = range(WARM_UP_SECONDS * FACTS_A_SECOND, len(requests))
    due = {number: times[number][0] for number in counted}
    return Heard(
        tuple((times[number][1] - due[number]) * 1e3 for number in counted),
        tuple((heard[number] - due[number]) * 1e3 for number in counted if number in heard),
    )


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    while not (found := consumer.partitions_for_topic(topic)):
        await consumer.topics()
    return found


async def _listen(consumer: AIOKafkaConsumer, number: int) -> dict[int, float]:
    """Return when each signal was heard, by the number in its account's name, once all were."""
    decode, heard = msgspec.json.Decoder(CustomerPlaced).decode, dict[int, float]()
    while len(heard) < number:
        fetched = await consumer.getmany(timeout_ms=1_000)
        now = time.perf_counter()
        for record in (record for records in fetched.values() for record in records):
            if dict(record.headers).get("ce_type") != PLACED:
                continue
            account = int(decode(record.value).placement.account[1:])
            if account in heard:
                raise ValueError(f"the signal of fact {account} came twice")
            heard[account] = now
    return heard
