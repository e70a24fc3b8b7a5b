"""Events published to crm.intake reach the log through a real door, by the real agent."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition

from infra.health.board import HealthBoard
from infra.kafka.broker import Broker
from infra.kafka.connection import AiokafkaArguments, connection
from infra.log.records import DeadLetter, FactRecord
from services.ingest.from_kafka.forwarding import Forwarding
from services.ingest.from_kafka.offsets import EventsExpiredError
from services.ingest.from_kafka.role import GROUP, IntakeRole
from tests.e2e.door_server import DoorServer, running_door
from tests.support.world import awaited
from tests.unit.ingest.door_given import USAGE, StandingClock, event

NOON = "2026-03-14T12:00:00+00:00"
SECONDS = 30


class Letters:
    """Keeps letters in a list."""

    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        self.kept += letters


class Intake:
    """The agent on a topic of its own, and a door on the other side."""

    def __init__(self, arguments: AiokafkaArguments, topic: str, door: DoorServer) -> None:
        self.arguments = arguments
        self.topic = topic
        self.door = door
        self.letters = Letters()

    async def send(self, *messages: tuple[bytes, list[tuple[str, bytes]]]) -> None:
        producer = AIOKafkaProducer(**self.arguments, acks="all")
        await producer.start()
        try:
            for value, headers in messages:
                await producer.send_and_wait(self.topic, value, headers=headers, partition=0)
        finally:
            await producer.stop()

    async def run_until(
        self, seen: Callable[[], Awaitable[bool]], folder: Path, *, accept_loss: bool = False
    ) -> None:
        clock, board = StandingClock(NOON), HealthBoard()
        async with httpx.AsyncClient(base_url=self.door.url) as client:
            forwarding = Forwarding(client, self.letters, board, clock)
            role = IntakeRole(
                self.arguments, self.topic, folder, forwarding, board, accept_loss=accept_loss
            )
            running = asyncio.create_task(role.run())
            try:
                async with asyncio.timeout(SECONDS):
                    while not (running.done() or await seen()):
                        await asyncio.wait([running], timeout=0.05)
            finally:
                role.stop()
                await running

    async def facts(self) -> Sequence[FactRecord]:
        reading = self.door.log.read_facts(0, -1, 1_000)
        records = await asyncio.to_thread(self.door.wait_for, reading)
        return [record for record in records if record.customer_id is not None]


def in_headers(event_id: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    sent = event(event_id=event_id)
    attributes = {
        "specversion": "1.0",
        "id": sent.id,
        "source": sent.source,
        "type": sent.type,
        "time": sent.time.isoformat(),
    }
    return USAGE, [(f"ce_{name}", value.encode()) for name, value in attributes.items()]


@pytest.fixture
def intake(bare_broker: Broker, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Intake]:
    arguments = connection(bare_broker.settings("admin")).aiokafka
    topic = f"{request.node.name}-intake"[:100].replace("[", "-").replace("]", "")
    asyncio.run(created(arguments, topic))
    with running_door(tmp_path, StandingClock(NOON)) as door:
        yield Intake(arguments, topic, door)


async def created(arguments: AiokafkaArguments, topic: str) -> None:
    admin = AIOKafkaAdminClient(**arguments)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 2, 1)])
    finally:
        await admin.close()


async def read_up_to(arguments: AiokafkaArguments, topic: str) -> int | None:
    """The offset that the group committed of partition 0."""
    admin = AIOKafkaAdminClient(**arguments)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(GROUP)
    finally:
        await admin.close()
    at = found.get(TopicPartition(topic, 0))
    return None if at is None else int(at.offset)


async def expired(arguments: AiokafkaArguments, topic: str, below: int) -> None:
    """Delete what stands below an offset, as retention does."""
    admin = AIOKafkaAdminClient(**arguments)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(below)})
    finally:
        await admin.close()


@awaited
async def test_events_reach_the_log_and_what_cannot_is_kept_with_its_bytes_and_place(
    intake: Intake, tmp_path: Path
) -> None:
    whole = json.dumps({"specversion": "1.0", "id": "9", "source": "billing"}).encode()
    structured = [("content-type", b"application/cloudevents+json")]
    await intake.send(in_headers("u-1"), (whole, structured), in_headers("u-2"))

    async def seen() -> bool:
        return len(await intake.facts()) == 2 and len(intake.letters.kept) == 1

    await intake.run_until(seen, tmp_path)

    assert [fact.id for fact in await intake.facts()] == ["u-1", "u-2"]
    (letter,) = intake.letters.kept
    assert (letter.body, letter.source, letter.reason) == (whole, "billing", "missing")
    assert f"{intake.topic} partition 0 offset 1" in letter.place


@awaited
async def test_started_again_it_goes_on_where_it_was(intake: Intake, tmp_path: Path) -> None:
    await intake.send(in_headers("u-1"))

    async def one() -> bool:
        return len(await intake.facts()) == 1

    async def two() -> bool:
        return len(await intake.facts()) == 2

    await intake.run_until(one, tmp_path)
    await intake.send(in_headers("u-2"))
    await intake.run_until(two, tmp_path)

    assert [fact.id for fact in await intake.facts()] == ["u-1", "u-2"]


@awaited
async def test_events_that_expired_unread_keep_it_from_starting_until_that_is_accepted(
    intake: Intake, tmp_path: Path
) -> None:
    async def acknowledged() -> bool:
        return await read_up_to(intake.arguments, intake.topic) == 1

    async def the_last() -> bool:
        return (await intake.facts())[-1].id == "u-4"

    await intake.send(in_headers("u-1"))
    await intake.run_until(acknowledged, tmp_path)
    await intake.send(in_headers("u-2"), in_headers("u-3"), in_headers("u-4"))
    await expired(intake.arguments, intake.topic, 3)

    with pytest.raises(EventsExpiredError, match=r"2 events of .* expired before they were read"):
        await intake.run_until(the_last, tmp_path)
    await intake.run_until(the_last, tmp_path, accept_loss=True)

    assert [fact.id for fact in await intake.facts()] == ["u-1", "u-4"]
