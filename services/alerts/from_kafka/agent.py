"""The Faust agent on ``crm.signals``: a batch is acknowledged after its decisions stand."""

import faust
from faust import EventT
from faust.types import TP

from events.catalogue import SIGNALS
from infra.log.kafka_records import Consumed
from infra.stream.faust_app import (
    Events,
    FaustPlace,
    begin_at,
    faust_app,
    headers_of,
    take_in_batches,
)
from services.alerts.from_kafka.taking import Taking

SIGNALS_A_BATCH = 500
_MILLISECONDS = 1000


def alerts_app(place: FaustPlace, taking: Taking) -> faust.App:
    """Return an application of one agent. Where it begins is what the desk's store says.

    Partitions are handed over while signals of them are under way: decided on twice, they are decided
    on once.
    """
    app = faust_app(place, wait_for_events=False)
    begin_at(app, taking.starts)

    async def take(events: Events) -> Events:
        batches: dict[int, list[Consumed]] = {}
        for event in events:
            batches.setdefault(event.message.partition, []).append(_consumed(event))
        taken = await taking.take(batches)
        still = {TP(place.topic, partition) for partition in batches.keys() - taken}
        if still:
            app.consumer.pause_partitions(still)
        return [event for event in events if event.message.partition in taken]

    take_in_batches(app, place.topic, SIGNALS_A_BATCH, take)
    return app


def _consumed(event: EventT[bytes]) -> Consumed:
    message = event.message
    return Consumed(
        SIGNALS,
        message.partition,
        message.offset,
        round(message.timestamp * _MILLISECONDS),
        message.key,
        message.value or b"",
        headers_of(event),
    )
