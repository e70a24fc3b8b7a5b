"""Topics, and brokers that hold exactly what they ask for, to be changed by a test in one place."""

from collections.abc import Mapping, Sequence

from infra.kafka.rights import Right, needed_rights
from infra.kafka.settings import KafkaSettings, SecurityProtocol
from infra.kafka.topic_plan import FoundCluster, FoundTopic, needed_topic
from schemas.topic_files import Service, Topic

SETTINGS = KafkaSettings(
    partitions=4, security_protocol=SecurityProtocol.PLAINTEXT, readers=("User:analyst",)
)


def topic(name: str, *writers: Service, key: str = "customer_id", partitions: int = 4) -> Topic:
    return Topic(name, "A topic.", key, partitions, 90, "delete", "LogAppendTime", writers, ())


FACTS = topic("crm.facts", Service.INGEST)
CONTROL = topic(
    "crm.control", Service.INGEST, Service.PROFILES, Service.LEARNING, key="none", partitions=1
)
SIGNALS = topic("crm.signals", Service.PROFILES)
TOPICS = (CONTROL, FACTS, SIGNALS)


def found_topic(
    of: Topic, replicas: Sequence[int] | None = None, settings: Mapping[str, str] | None = None
) -> FoundTopic:
    """A topic as it must be, but for these."""
    needed = needed_topic(of, SETTINGS)
    copies = replicas if replicas is not None else (needed.replication,) * needed.partitions
    return FoundTopic(tuple(copies), {**needed.settings, **(settings or {})})


def cluster(
    topics: Mapping[str, FoundTopic] | None = None,
    more: Sequence[Right] = (),
    without: Sequence[Right] = (),
    *,
    guarded: bool = True,
) -> FoundCluster:
    """Brokers that hold all that is needed, but for these topics and rights."""
    rights = (needed_rights(TOPICS, SETTINGS) | frozenset(more)) - frozenset(without)
    there = {each.name: found_topic(each) for each in TOPICS}
    return FoundCluster({**there, **(topics or {})}, rights, guarded)
