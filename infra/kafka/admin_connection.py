"""One administrative connection to the brokers: reached within a time, and every failure explained."""

import time
from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata

from infra.kafka.cluster_errors import are_all_down, is_final, why_refused, why_unreachable
from infra.kafka.connection import connection
from infra.kafka.settings import KafkaSettings

SECONDS_TO_REACH = 10.0
SECONDS_OF_GRACE = 1.0
"""How long brokers may all be down: a name with two addresses is down until the second is tried."""

SECONDS_A_TRY = 0.3

T = TypeVar("T")


class AdminConnection:
    """A client of the library, with the settings it was made of. Methods raise a `ClusterError`."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect lazily. Raises `KafkaSettingsError` for what is no PEM file."""
        self.settings = settings
        self._complaints: list[KafkaError] = []
        self.client = AdminClient(
            {**connection(settings).librdkafka, "log_level": 0},
            error_cb=self._complaints.append,
        )

    def reach(self, seconds: float = SECONDS_TO_REACH) -> ClusterMetadata:
        """Return the metadata of the cluster, once a broker answers within so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.client.list_topics(timeout=SECONDS_A_TRY)
            except KafkaException:
                self.client.poll(0)
                if is_final(self._complaints) or time.monotonic() > deadline:
                    raise why_unreachable(self._complaints, self.settings) from None
                if are_all_down(self._complaints):
                    deadline = min(deadline, time.monotonic() + SECONDS_OF_GRACE)

    def answer(self, answer: "Future[T]", doing: str) -> T:
        """Return what the brokers answer, once they do; ``doing`` is told where they refuse."""
        try:
            return answer.result()
        except KafkaException as refused:
            error: KafkaError = refused.args[0]
            raise why_refused(error, doing, self.settings) from None
