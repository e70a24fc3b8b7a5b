"""The Faust agent on ``crm.intake``: a batch is acknowledged after all of it stands somewhere."""

import faust

from infra.stream.faust_app import Events, FaustPlace, faust_app, headers_of, take_in_batches
from services.ingest.from_kafka.forwarding import Forwarding
from services.ingest.from_kafka.messages import Message

EVENTS_A_BATCH = 500


def intake_app(place: FaustPlace, forwarding: Forwarding) -> faust.App:
    """Return an application of one agent."""
    app = faust_app(place)

    async def take(events: Events) -> Events:
        await forwarding.forward(_messages(events))
        return events

    take_in_batches(app, place.topic, EVENTS_A_BATCH, take)
    return app


def _messages(events: Events) -> list[Message]:
    return [
        Message(
            f"{event.message.topic} partition {event.message.partition}"
            f" offset {event.message.offset}",
            event.message.value or b"",
            headers_of(event),
        )
        for event in events
    ]
