"""Profiles from Kafka to Redis: the full fold, beside peers that count records and nothing more.

All of it in one run, on a broker and a Redis of its own: first the peers, then `holdfast profiles` as
one process, then as two; each time from the first partition taken up to the last commit, with day
steps, detectors, scores by a taught model, snapshots and signals published, and states in Redis.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Sequence

import msgspec
from redis import Redis

from bench.figures import Baseline, Figure, Section
from bench.kafka_mode import KafkaMode, Role, kafka_mode
from bench.made_topics import MadeTopics, make_topics
from bench.peers import Peers, what_peers_lack
from bench.sizes import Sizes
from infra.state.port import Position
from infra.state.redis_keys import StateKeys

FAUST_GOAL = 10.0
"""Times the facts a second of the Faust agent; of the Quix application it is once."""

SECONDS_AT_MOST = 3_600.0


def stream(sizes: Sizes) -> Section:
    """Fill topics once, then measure peers and profiles in turn on them."""
    with kafka_mode() as mode:
        made = asyncio.run(make_topics(mode, sizes.streamed))
        lacking = what_peers_lack()
        rounds = [
            _round(mode, made, sizes, peers=lacking is None) for _ in range(sizes.stream_repeats)
        ]
    return Section(
        f"Profiles from Kafka to Redis, {sizes.streamed.facts:,} facts of"
        f" {sizes.streamed.customers:,} customers over {sizes.streamed.days} days,"
        f" {len(made.ends)} partitions",
        _figures(rounds, made),
        (
            *([] if lacking is None else [f"No peers: {lacking}."]),
            f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
        ),
    )


class Folded(msgspec.Struct, frozen=True):
    """What some processes took for the whole log, and a digest of the states that they left."""

    facts_a_second: float
    cpu_microseconds_a_fact: float
    states: str


class Round(msgspec.Struct, frozen=True):
    """Everything once, one after the other. Peers in facts a second."""

    one: Folded
    two: Folded
    quix: float | None
    faust: float | None


def _round(mode: KafkaMode, made: MadeTopics, sizes: Sizes, *, peers: bool) -> Round:
    beside, facts = Peers(mode, len(made.ends)), sizes.streamed.facts
    quix = beside.quix(facts) if peers else None
    faust = beside.faust(min(facts, sizes.faust_facts)) if peers else None
    one, two = (_folded(mode, made, facts, processes) for processes in (1, 2))
    if one.states != two.states:
        raise ValueError("two processes came to other states than one")
    return Round(one, two, quix, faust)


def _figures(rounds: Sequence[Round], made: MadeTopics) -> Sequence[Figure]:
    one = tuple(each.one.facts_a_second for each in rounds)
    two = tuple(each.two.facts_a_second for each in rounds)
    quix = tuple(each.quix for each in rounds if each.quix is not None)
    faust = tuple(each.faust for each in rounds if each.faust is not None)
    figures = [Figure("append, as an import does", "facts/s", (made.append_rate,))]
    for name, values, times in (
        ("Quix counting", quix, 1.0),
        ("Faust counting", faust, FAUST_GOAL),
    ):
        if values:
            least = times * sorted(values)[len(values) // 2]
            beside = Baseline(name, values)
            figures.append(Figure("profiles, one process", "facts/s", one, beside, least))
    return [
        *figures,
        *([] if quix else [Figure("profiles, one process", "facts/s", one)]),
        Figure(
            "one process: processor time",
            "µs a fact",
            tuple(each.one.cpu_microseconds_a_fact for each in rounds),
        ),
        Figure("profiles, two processes", "facts/s", two, Baseline("one", one)),
    ]


def _folded(mode: KafkaMode, made: MadeTopics, facts: int, processes: int) -> Folded:
    """Let so many processes fold the whole log from zero; the states are taken away after it."""
    keys = [StateKeys(made.log_id, made.projection, number) for number in range(len(made.ends))]
    with contextlib.ExitStack() as opened:
        client = opened.enter_context(Redis.from_url(mode.redis.url))
        roles = [opened.enter_context(mode.role("profiles")) for _ in range(processes)]
        _look_until(roles, lambda: any(client.mget([each.lease for each in keys])))
        begun, cpu_begun = time.perf_counter(), _cpu(roles)
        _look_until(roles, lambda: _offsets(client, keys) == made.ends)
        seconds, cpu = time.perf_counter() - begun, _cpu(roles) - cpu_begun
        states = _digest(client, keys)
    with Redis.from_url(mode.redis.url) as client:
        client.flushdb()
    return Folded(facts / seconds, cpu / facts * 1e6, states)


def _look_until(roles: Sequence[Role], holds: Callable[[], bool]) -> None:
    for _ in roles[0].running.looks(SECONDS_AT_MOST):
        for role in roles:
            role.running.check()
        if holds():
            return


def _cpu(roles: Sequence[Role]) -> float:
    return sum(role.running.cpu_seconds() for role in roles)


def _offsets(client: Redis, keys: Sequence[StateKeys]) -> tuple[int, ...]:
    found = client.mget([each.position for each in keys])
    return tuple(
        -1 if data is None else msgspec.msgpack.decode(data, type=Position).offset for data in found
    )


def _digest(client: Redis, keys: Sequence[StateKeys]) -> str:
    """Return a digest of all states, in the order of partitions and ids."""
    digest = hashlib.sha256()
    for each in keys:
        for name, state in sorted(client.hgetall(each.states).items()):
            digest.update(name + state)
    return digest.hexdigest()
