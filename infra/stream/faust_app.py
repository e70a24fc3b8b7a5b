"""Applications of Faust as they are used here: one agent, one topic, no table, no topic of their own.

An agent that raises would acknowledge the event it failed at, so events are taken unacknowledged, and
what cannot be mended by waiting ends the process: started again, it reads the same events anew.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import faust
from faust import EventT, Stream, StreamT
from faust.auth import SASLCredentials, SSLCredentials
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from faust.types.auth import CredentialsT

from infra.kafka.connection import AiokafkaArguments

Events = Sequence[EventT[bytes]]

SECONDS_TO_GATHER = 0.05
SECONDS_BETWEEN_COMMITS = 1.0
SECONDS_BETWEEN_BEATS = 1.0
SECONDS_OF_SILENCE = 10.0
"""A process that the coordinator has not heard of for so long is taken for dead, and its events go on."""


class FaustPlace(NamedTuple):
    """How the brokers are reached, what is read there in which group, and a folder to work in."""

    arguments: AiokafkaArguments
    topic: str
    group: str
    folder: Path


def faust_app(place: FaustPlace, *, wait_for_events: bool = True) -> faust.App:
    """Return an application without agents.

    Without ``wait_for_events`` partitions are handed over while events of them are under way.
    """
    servers = place.arguments["bootstrap_servers"].split(",")
    return faust.App(
        place.group,
        broker=[f"aiokafka://{address}" for address in servers],
        broker_credentials=_credentials(place.arguments),
        broker_commit_interval=SECONDS_BETWEEN_COMMITS,
        broker_session_timeout=SECONDS_OF_SILENCE,
        consumer_auto_offset_reset="earliest",
        datadir=place.folder,
        stream_wait_empty=wait_for_events,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
    )


def take_in_batches(
    app: faust.App, topic: str, most: int, take: Callable[[Events], Awaitable[Events]]
) -> None:
    """Let batches of a topic be taken one after another; what ``take`` returns is acknowledged."""
    read = app.topic(topic, key_serializer="raw", value_serializer="raw", allow_empty=True)

    @app.agent(read, concurrency=1)
    async def agent(stream: StreamT[bytes]) -> None:
        async for events in _unacknowledged(stream, most):
            try:
                taken = await take(events)
            except Exception as error:
                await app.crash(error)
                raise
            for event in taken:
                await stream.ack(event)


def begin_at(
    app: faust.App, starts: Callable[[Sequence[int]], Awaitable[Mapping[int, int] | None]]
) -> None:
    """Let partitions be read from where ``starts`` says, whenever this process is given some.

    What the group committed is for those who look at its lag, and for where ``starts`` says None.
    Call it before the application has an agent.
    """

    class StartingConsumer(Consumer):
        async def seek_to_committed(self) -> Mapping[TP, int]:
            given = sorted(self.assignment())
            found = await starts([place.partition for place in given])
            if found is None:
                return await super().seek_to_committed()
            offsets = {place: found[place.partition] for place in given}
            await self.seek_wait(offsets)
            return offsets

    class StartingTransport(Transport):
        Consumer = StartingConsumer

    app.transport = StartingTransport(app.conf.broker_consumer, app)


def headers_of(event: EventT[bytes]) -> list[tuple[str, bytes]]:
    """Return the headers as aiokafka hands them out; the type that Faust declares is wider."""
    return list(cast("Iterable[tuple[str, bytes]]", event.message.headers or ()))


async def run_app(app: faust.App, stopping: asyncio.Event, beat: Callable[[], None]) -> None:
    """Run an application until it is to stop, showing that it lives. Raises what it failed at."""
    await app.start()
    try:
        while not (app.crashed or stopping.is_set()):
            beat()
            await _first_of(stopping, SECONDS_BETWEEN_BEATS)
    finally:
        await app.stop()
    if app.crashed and app.crash_reason is not None:
        raise app.crash_reason


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _unacknowledged(stream: StreamT[bytes], most: int) -> AsyncIterator[Events]:
    """Return the batches of a stream; Faust declares that it yields values, and yields events."""
    taken = cast("Stream[bytes]", stream).noack_take(most, within=SECONDS_TO_GATHER)
    return cast("AsyncIterator[Events]", taken)


def _credentials(arguments: AiokafkaArguments) -> CredentialsT | None:
    context = arguments["ssl_context"]
    if arguments["sasl_plain_username"] is not None:
        return SASLCredentials(
            username=arguments["sasl_plain_username"],
            password=arguments["sasl_plain_password"],
            ssl_context=context,
            mechanism=arguments["sasl_mechanism"],
        )
    return SSLCredentials(context=context) if context is not None else None
