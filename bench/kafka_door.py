"""The door into Kafka: durable single POSTs and batches through ``holdfast ingest``, beside doing nothing."""

import asyncio

from bench.door import check_all_stand, door_figures
from bench.figures import Section
from bench.kafka_mode import KafkaMode, kafka_mode, writing_door
from bench.made_topics import opened_log
from bench.sizes import Sizes

RECORDS_A_READ = 5_000

NOTE = (
    "Every answer is a 202 after the transaction was committed (acks=all, one broker); every fact"
    " acknowledged was found in crm.facts. No other service of Holdfast runs."
)


def kafka_door(sizes: Sizes) -> Section:
    """Send each repeat first to the no-op and then to ``holdfast ingest``, with fresh facts."""
    with kafka_mode() as mode:
        with writing_door(mode) as port:
            figures = door_figures(port, sizes)
        check_all_stand(asyncio.run(_facts_in(mode)), sizes)
    return Section(
        f"The door over HTTP into Kafka, {sizes.connections} connections", figures, (NOTE,)
    )


async def _facts_in(mode: KafkaMode) -> int:
    """Return how many facts stand, marks not counted."""
    async with opened_log(mode) as log:
        found = 0
        for partition in range(log.partitions):
            after = -1
            while records := await log.read_facts(partition, after, RECORDS_A_READ):
                found += sum(record.customer_id is not None for record in records)
                after = records[-1].offset
        return found
