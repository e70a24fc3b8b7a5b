# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["faust-streaming==0.15.3", "aiokafka>=0.14,<0.15", "cramjam>=2.9"]
# ///
"""A peer: a Faust agent counts the records of each customer in a table, and nothing more.

    uv run --script bench/peer_faust.py BROKERS USER PASSWORD TOPIC COUNT PARTITIONS

Prints one line of JSON once it has counted COUNT records: how many, and in how many seconds from the
first to the last.
"""

import json
import logging
import os
import sys
import time

import faust
from faust.auth import SASLCredentials
from faust.types.auth import SASLMechanism
from mode import Worker

BROKERS, USER, PASSWORD, TOPIC, COUNT, PARTITIONS = sys.argv[1:]

app = faust.App(
    f"faust-{time.monotonic_ns()}",
    broker=f"aiokafka://{BROKERS}",
    broker_credentials=SASLCredentials(
        username=USER, password=PASSWORD, mechanism=SASLMechanism.SCRAM_SHA_512
    ),
    topic_partitions=int(PARTITIONS),
    topic_replication_factor=1,
    store="memory://",
    web_enabled=False,
)
counts = app.Table("counts", default=int, partitions=int(PARTITIONS))
facts = app.topic(TOPIC, key_serializer="raw", value_serializer="json")
seen = 0
began = 0.0


@app.agent(facts)
async def count(stream: faust.StreamT) -> None:
    global seen, began  # noqa: PLW0603 - one agent, one number
    async for event in stream.events():
        if not seen:
            began = time.perf_counter()
        counts[event.key] += 1
        seen += 1
        if seen == int(COUNT):
            seconds = time.perf_counter() - began
            print(json.dumps({"records": seen, "seconds": seconds}), flush=True)
            os._exit(0)


if __name__ == "__main__":
    Worker(app, loglevel=logging.ERROR, redirect_stdouts=False).execute_from_commandline()
