# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["quixstreams==3.24.0", "pydantic<2.14"]
# ///
"""A peer: Quix Streams counts the records of each customer in its state, and nothing more.

    uv run --script bench/peer_quix.py BROKERS USER PASSWORD TOPIC COUNT FOLDER

Prints one line of JSON once it has counted COUNT records: how many, and in how many seconds from the
first to the last.
"""

import json
import sys
import time

from quixstreams import Application
from quixstreams.kafka import ConnectionConfig
from quixstreams.state import State


class Stopwatch:
    """Runs from the first record to the last, then stops the application."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0
        self.began = 0.0

    def tick(self) -> bool:
        """Count a record; True for the last one."""
        if not self.seen:
            self.began = time.perf_counter()
        self.seen += 1
        return self.seen == self.count


def main() -> None:
    brokers, user, password, topic, count, folder = sys.argv[1:]
    connection = ConnectionConfig(
        bootstrap_servers=brokers,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username=user,
        sasl_password=password,
    )
    app = Application(
        broker_address=connection,
        consumer_group=f"quix-{time.monotonic_ns()}",
        auto_offset_reset="earliest",
        state_dir=folder,
        loglevel="ERROR",
        auto_create_topics=True,
    )
    watch = Stopwatch(int(count))

    def counted(_value: object, state: State) -> int:
        number = state.get("count", 0) + 1
        state.set("count", number)
        if watch.tick():
            seconds = time.perf_counter() - watch.began
            print(json.dumps({"records": watch.seen, "seconds": seconds}), flush=True)
            app.stop()
        return number

    frame = app.dataframe(app.topic(topic, value_deserializer="json"))
    frame.update(counted, stateful=True)
    app.run()


if __name__ == "__main__":
    main()
