"""What no process can mend by itself: it stands still, changes nothing, and says what a person is to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import psycopg
import pytest
from confluent_kafka import TopicPartition
from redis import Redis

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from tests.faults.soak.checker import Checker
from tests.faults.soak.desk_check import BARRIER, SIGNALS
from tests.faults.soak.faults import force
from tests.faults.soak.reading import FACTS, LogCopy, Record
from tests.faults.soak.senders import BATCH, HttpSending, IntakeSending, Population
from tests.faults.soak.site import PARTITIONS, Member, Site, site_in
from tests.support.cluster import until
from tests.support.kafka_topics import delete_topics

SECONDS = 60.0
SOURCE = "system"

pytestmark = pytest.mark.timeout(600)


class Stand:
    """A site on which some facts were folded, and who sends them."""

    def __init__(self, site: Site, redis: Redis) -> None:
        self.site = site
        self.redis = redis
        self._population = Population(SOURCE, Random(1), lambda: site.now)

    def send(self, batches: int = 20) -> None:
        """Send facts, and wait until they are acknowledged."""
        sending = HttpSending(self.site.doors, Random(1))
        try:
            for _ in range(batches):
                sending(self._population.batch())
        finally:
            sending.close()

    def answers(self) -> list[httpx.Response]:
        """What each door answers to a batch of facts."""
        body = json.dumps(self._population.batch())
        return [httpx.post(door, content=body, headers=BATCH) for door in self.site.doors()]

    def publish(self, messages: int) -> None:
        """Send facts to ``crm.intake``."""
        IntakeSending(self.site)([self._population.event() for _ in range(messages)])

    def copy(self) -> LogCopy:
        found = LogCopy(self.site.settings(), PARTITIONS)
        found.catch_up()
        return found

    def is_folded(self, but: int | None = None) -> bool:
        """Whether all partitions, but perhaps one, are folded to their ends."""
        copy = self.copy()
        positions = Checker(copy, self.redis, "").positions()
        others = [number for number in range(PARTITIONS) if number != but]
        return all(positions[number] == copy.end(FACTS, number) for number in others)

    def states(self) -> dict[bytes, bytes]:
        """Everything that Redis has of states."""
        keys = sorted(self.redis.scan_iter("*:states"))
        return {key + name: data for key in keys for name, data in self.redis.hgetall(key).items()}

    def halted(self, member: Member) -> dict[str, str]:
        parts = self.site.parts(member).items()
        return {part: how for part, how in parts if how.startswith("halted")}

    def member(self, role: str) -> Member:
        (found,) = self.site.of(role)
        return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with site_in(tmp_path) as made:
        yield made


@pytest.fixture
def stand(site: Site) -> Iterator[Stand]:
    with Redis(port=site.redis.port) as redis:
        yield Stand(site, redis)


def test_a_record_of_an_unknown_type_halts_its_partition_in_sight_and_no_other(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "profiles")
    stand.send()
    headers = {"ce_type": "crm.order.placed.v9", "ce_id": "1", "ce_source": "mallory"}
    headers |= {"ce_time": "2025-01-01T00:00:00+00:00", "ce_day": "2025-01-01"}
    force(site, FACTS, 3, Record(0, "00000000-0000-5000-8000-000000000000", headers, b"{}", 0))

    profiles = stand.member("profiles")
    until(lambda: bool(stand.halted(profiles)), SECONDS)
    (told,) = stand.halted(profiles).items()
    assert told[0] == "partition 3"
    assert "'crm.order.placed.v9'" in told[1]
    assert "start a release that knows it" in told[1]
    assert "holdfast_halted 1.0" in re.sub(r"{.*}", "", site.metrics(profiles))

    stand.send()
    until(lambda: stand.is_folded(but=3), SECONDS)


def test_topics_that_were_made_anew_are_neither_written_to_nor_folded(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "profiles", "archive")
    stand.send()
    until(stand.is_folded, SECONDS)
    states = stand.states()

    delete_topics(site.settings(), [FACTS])
    TopicsAsCode(read_topics(), site.settings()).apply()

    profiles, archive, ingest = map(stand.member, ("profiles", "archive", "ingest"))
    until(lambda: len(stand.halted(profiles)) == PARTITIONS, SECONDS)
    assert all("; restore the " in how.replace(":", ";") for how in stand.halted(profiles).values())
    until(lambda: "restore it" in site.log_of(archive), SECONDS)
    site.next_day()
    until(lambda: "Restore the one that belongs to it" in str(site.parts(ingest)), SECONDS)
    (refused,) = stand.answers()
    assert refused.status_code == 503
    assert stand.states() == states
    copy = stand.copy()
    assert not any(copy.records[FACTS, number] for number in range(PARTITIONS))


def test_profiles_of_another_fold_leave_the_states_alone_and_say_which_release_to_start(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "profiles")
    stand.send()
    until(stand.is_folded, SECONDS)
    states = stand.states()

    profiles = stand.member("profiles")
    profiles.other_fold = True
    profiles.kill()
    until(lambda: "start the release that made it" in site.log_of(profiles), SECONDS)
    stand.send()
    assert stand.states() == states

    profiles.other_fold = False
    profiles.kill()
    until(stand.is_folded, SECONDS)


def test_events_that_expired_unread_are_not_jumped_over_until_somebody_says_so(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "intake")
    stand.publish(60)
    until(lambda: len(facts(stand)) == 60, SECONDS)
    intake = stand.member("intake")
    intake.wanted = False
    intake.kill()
    stand.publish(40)
    expire(site, "crm.intake")

    intake.wanted = True
    until(
        lambda: "events of crm.intake expired before they were read" in site.log_of(intake), SECONDS
    )
    assert "HOLDFAST_INTAKE_ACCEPT_LOSS=true" in site.log_of(intake)
    stand.publish(5)
    assert len(facts(stand)) == 60

    intake.environment["HOLDFAST_INTAKE_ACCEPT_LOSS"] = "true"
    until(lambda: len(facts(stand)) == 65, SECONDS)


def test_a_signal_of_an_unknown_type_halts_its_partition_at_the_desk_and_no_other(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "profiles", "alerts")
    stand.send()
    headers = {"ce_type": "crm.risk.raised.v9", "ce_id": "1", "ce_source": "mallory"}
    headers |= {
        "ce_projection": "p",
        "ce_partition": "3",
        "ce_sequence": "1",
        "ce_emission": "live",
    }
    force(site, SIGNALS, 3, Record(0, None, headers, b"{}", 0))

    alerts = stand.member("alerts")
    until(lambda: bool(stand.halted(alerts)), SECONDS)
    (told,) = stand.halted(alerts).items()
    assert told[0] == "crm.signals 3"
    assert "which this log never let speak" in told[1]
    assert "holdfast_halted 1.0" in re.sub(r"{.*}", "", site.metrics(alerts))

    stand.send()
    until(lambda: is_decided(stand, but=3), SECONDS)


def test_signals_that_expired_undecided_are_not_jumped_over_until_somebody_says_so(
    site: Site, stand: Stand
) -> None:
    site.start("ingest", "profiles", "alerts")
    stand.send()
    until(lambda: is_decided(stand), SECONDS)
    alerts = stand.member("alerts")
    alerts.wanted = False
    alerts.kill()
    stand.send()
    until(stand.is_folded, SECONDS)
    expire(site, SIGNALS)
    stand.send()
    until(stand.is_folded, SECONDS)

    alerts.wanted = True
    until(lambda: "expired before they were decided on" in str(stand.halted(alerts)), SECONDS)
    assert "HOLDFAST_ALERTS_ACCEPT_LOSS=true" in str(stand.halted(alerts))
    alerts.environment["HOLDFAST_ALERTS_ACCEPT_LOSS"] = "true"
    alerts.kill()
    until(lambda: is_decided(stand, expired=True), SECONDS)


def is_decided(stand: Stand, but: int | None = None, *, expired: bool = False) -> bool:
    """Whether every signal that still stands, perhaps not of one partition, is decided on."""
    copy = stand.copy()
    said = {
        (number, int(record.headers["ce_sequence"]))
        for number in range(PARTITIONS)
        for record in copy.records[SIGNALS, number]
        if number != but and record.type != BARRIER
    }
    with psycopg.connect(stand.site.postgres_settings().conninfo) as desk:
        try:
            found = desk.execute("SELECT partition, sequence FROM desk_judgements").fetchall()
        except psycopg.errors.UndefinedTable:
            return False
    return (
        bool(said)
        and said <= set(found)
        and (expired or but is not None or len(said) == len(found))
    )


def facts(stand: Stand) -> list[Record]:
    copy = stand.copy()
    everything = (record for number in range(PARTITIONS) for record in copy.records[FACTS, number])
    return [record for record in everything if record.key is not None]


def expire(site: Site, topic: str) -> None:
    """Let all that stands in a topic be gone."""
    client = AdminConnection(site.settings()).client
    numbers = client.list_topics(topic).topics[topic].partitions
    for gone in client.delete_records(
        [TopicPartition(topic, number, -1) for number in numbers]
    ).values():
        gone.result()
