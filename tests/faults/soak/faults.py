"""The faults: each kind is a function that does it to a site and returns once it is over.

From then on nobody does anything: the site must be well again by itself.
"""

import signal
import time

from confluent_kafka import Producer
from redis import Redis

from events.values import CustomerId
from infra.kafka.connection import connection
from infra.log.partitioning import partition_of
from tests.faults.soak.desk_faults import DESK_KINDS
from tests.faults.soak.moments import Act
from tests.faults.soak.reading import Record
from tests.faults.soak.scene import (
    SECONDS_OF_WORK,
    SECONDS_TO_COME_BY,
    SECONDS_TO_MOVE,
    Fault,
    Scene,
    at_a_wait,
    freeze,
    killed,
    thaw,
    writer_of,
)
from tests.faults.soak.site import PARTITIONS, Member, Site
from tests.support.cluster import until

SECONDS_LOST = 1.0


def broker_restarted(scene: Scene) -> None:
    scene.site.broker.stop()
    scene.site.broker.start()


def broker_killed(scene: Scene) -> None:
    scene.work_on()
    scene.site.signal_broker(signal.SIGKILL)
    scene.site.broker.stop()
    scene.site.broker.start()


def broker_paused(scene: Scene) -> None:
    scene.site.signal_broker(signal.SIGSTOP)
    time.sleep(scene.pause)
    scene.site.signal_broker(signal.SIGCONT)


def redis_lost_its_last_second(scene: Scene) -> None:
    files = sorted(scene.site.folder.glob("redis/appendonlydir/*.incr.aof"))
    sizes = [file.stat().st_size for file in files]
    time.sleep(SECONDS_LOST)
    scene.site.redis.kill()
    for file, size in zip(files, sizes, strict=True):
        with file.open("r+b") as kept:
            kept.truncate(size)
    scene.site.redis.start()


def redis_wiped(scene: Scene) -> None:
    scene.work_on()
    with Redis(port=scene.site.redis.port) as client:
        client.flushall()


def postgres_restarted(scene: Scene) -> None:
    scene.work_on()
    scene.site.postgres.kill()
    until(lambda: _starts(scene.site), SECONDS_TO_COME_BY)


def _starts(site: Site) -> bool:
    """Start PostgreSQL; False as long as processes of the one that was killed hold its memory."""
    try:
        site.postgres.start()
    except RuntimeError:
        return False
    return True


def rebalance_storm(scene: Scene) -> None:
    """Processes come and go: some say goodbye, some do not."""
    for goodbye in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        _come_and_go(scene.site, goodbye)


def _come_and_go(site: Site, goodbye: signal.Signals) -> None:
    joining = site.add("profiles")
    until(lambda: _held(site, joining) > 0, SECONDS_TO_MOVE)
    joining.wanted = False
    joining.signal(goodbye)
    until(lambda: not joining.alive, SECONDS_TO_COME_BY)
    site.remove(joining)


def zombie_worker(scene: Scene) -> None:
    frozen, other = scene.random.sample(scene.site.of("profiles"), 2)
    freeze(frozen)
    until(lambda: _held(scene.site, other) == PARTITIONS, SECONDS_TO_MOVE)
    thaw(frozen)


def zombie_writer(scene: Scene) -> None:
    """The one that writes freezes, another opens the next day; then the first wakes up."""
    frozen = writer_of(scene.site)
    freeze(frozen)
    scene.site.next_day()
    until(lambda: scene.site.writer() is not None, SECONDS_TO_MOVE)
    thaw(frozen)


def two_clocks(scene: Scene) -> None:
    """The lease is taken from who writes just as a day begins, and another takes it up."""
    with Redis(port=scene.site.redis.port) as client:
        scene.site.next_day()
        for _ in range(3):
            client.delete("holdfast:writer")
            scene.work_on()


def learner_dead_for_days(scene: Scene) -> None:
    for learner in scene.site.of("learning"):
        learner.wanted = False
        learner.kill()
    for _ in range(2):
        scene.site.next_day()
        time.sleep(2 * SECONDS_OF_WORK)
    for learner in scene.site.of("learning"):
        learner.wanted = True


def away_for_days(scene: Scene) -> None:
    """Nobody opened a day for some days: they are opened at once, and wait for their models."""
    for door in scene.site.of("ingest"):
        door.wanted = False
        door.kill()
    scene.site.next_day(3)
    for door in scene.site.of("ingest"):
        door.wanted = True


def poison(scene: Scene) -> None:
    """A fact that cannot be read is forced into the log, past the door, of a customer of its own."""
    number = len(scene.checker.poisoned)
    customer = CustomerId(f"{number:08x}-0000-5000-8000-000000000000")
    scene.checker.poisoned.add(customer)
    day = scene.site.today().isoformat()
    headers = {
        "ce_specversion": "1.0",
        "content-type": "application/json",
        "ce_type": "crm.order.placed.v1",
        "ce_id": f"poison-{number}",
        "ce_source": "mallory",
        "ce_time": f"{day}T00:00:00+00:00",
        "ce_day": day,
    }
    record = Record(0, customer, headers, b'{"customer": 7}', 0)
    force(scene.site, "crm.facts", partition_of(customer, PARTITIONS), record)


def force(site: Site, topic: str, partition: int, record: Record) -> None:
    """Write past whoever alone may write there, by an administrator's rights."""
    producer = Producer({**connection(site.settings()).librdkafka, "acks": "all"})
    headers = [(name, value.encode()) for name, value in record.headers.items()]
    producer.produce(topic, record.value, record.key, partition, headers=headers)
    assert producer.flush(SECONDS_TO_COME_BY) == 0


def _held(site: Site, member: Member) -> int:
    """How many partitions a process has at work."""
    parts = site.parts(member).items()
    return sum(name.startswith("partition ") and how.startswith("working") for name, how in parts)


KINDS: dict[str, Fault] = {
    "ingest killed": killed("ingest"),
    "intake killed": killed("intake"),
    "profiles killed": killed("profiles"),
    "learning killed": killed("learning"),
    "archive killed": killed("archive"),
    "ingest killed at a wait of its append": at_a_wait("ingest", "append", 6),
    "ingest killed inside its transaction": at_a_wait("ingest", "transaction", 3),
    "ingest killed while it takes over": at_a_wait("ingest", "take over", 6),
    "clock killed between days": at_a_wait("ingest", "open a day", 6),
    "two clocks": two_clocks,
    "no clock for days": away_for_days,
    "writer frozen, wakes behind its successor": zombie_writer,
    "profiles killed at a wait of its commit": at_a_wait("profiles", "commit", 3),
    "profiles killed while it takes up states": at_a_wait("profiles", "take up", 4),
    "worker frozen, wakes behind its successor": zombie_worker,
    "rebalance storm": rebalance_storm,
    "learning killed at a wait of its decision": at_a_wait("learning", "decide", 4),
    "learning killed at a wait of its commit": at_a_wait("learning", "learned", 2),
    "learner dead past its deadline": learner_dead_for_days,
    "archive killed at a wait of its commit": at_a_wait("archive", "feed", 8),
    "intake killed at a wait at the door": at_a_wait("intake", "forward", 4),
    "connection cut inside ingest's produce": at_a_wait("ingest", "transaction", 2, Act.CUT),
    "connection cut inside profiles' produce": at_a_wait("profiles", "publish", 1, Act.CUT),
    "broker restarted": broker_restarted,
    "broker killed": broker_killed,
    "broker paused": broker_paused,
    "Redis killed, its last second lost": redis_lost_its_last_second,
    "Redis wiped": redis_wiped,
    "PostgreSQL killed and started": postgres_restarted,
    "poison forced into crm.facts": poison,
    **DESK_KINDS,
}
