"""The Faust agent on ``crm.intake``: a batch is acknowledged after all of it stands somewhere.

An agent that raises would acknowledge the event it failed at, so it takes events unacknowledged, and
what cannot be mended by waiting ends the process: started again, it reads the same events anew.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import cast

import faust
from faust import EventT, Stream, StreamT
from faust.auth import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from infra.kafka.connection import AiokafkaArguments
from services.ingest.from_kafka.forwarding import Forwarding
from services.ingest.from_kafka.messages import Message

EVENTS_A_BATCH = 500
SECONDS_TO_GATHER = 0.05
SECONDS_BETWEEN_COMMITS = 1.0
SECONDS_OF_SILENCE = 10.0
"""A process that the coordinator has not heard of for so long is taken for dead, and its events go on."""


def intake_app(
    arguments: AiokafkaArguments, topic: str, group: str, folder: Path, forwarding: Forwarding
) -> faust.App:
    """Return an application of one agent. It makes no topic, and keeps no table."""
    app = faust.App(
        group,
        broker=[f"aiokafka://{address}" for address in arguments["bootstrap_servers"].split(",")],
        broker_credentials=_credentials(arguments),
        broker_commit_interval=SECONDS_BETWEEN_COMMITS,
        broker_session_timeout=SECONDS_OF_SILENCE,
        consumer_auto_offset_reset="earliest",
        datadir=folder,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
    )
    intake = app.topic(topic, key_serializer="raw", value_serializer="raw", allow_empty=True)

    @app.agent(intake, concurrency=1)
    async def take(stream: StreamT[bytes]) -> None:
        async for events in _unacknowledged(stream):
            try:
                await forwarding.forward(_messages(events))
            except Exception as error:
                await app.crash(error)
                raise
            for event in events:
                await stream.ack(event)

    return app


def _unacknowledged(stream: StreamT[bytes]) -> AsyncIterator[Sequence[EventT[bytes]]]:
    """Return the batches of a stream; Faust declares that it yields values, and yields events."""
    taken = cast("Stream[bytes]", stream).noack_take(EVENTS_A_BATCH, within=SECONDS_TO_GATHER)
    return cast("AsyncIterator[Sequence[EventT[bytes]]]", taken)


def _messages(events: Sequence[EventT[bytes]]) -> list[Message]:
    return [
        Message(
            f"{event.message.topic} partition {event.message.partition}"
            f" offset {event.message.offset}",
            event.message.value or b"",
            _headers(event),
        )
        for event in events
    ]


def _headers(event: EventT[bytes]) -> list[tuple[str, bytes]]:
    """Return the headers as aiokafka hands them out; the type that Faust declares is wider."""
    return list(cast("Iterable[tuple[str, bytes]]", event.message.headers or ()))


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
