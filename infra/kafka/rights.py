"""Who may do what on the brokers, from who writes each topic: so "only ingest appends" holds."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from schemas.topic_files import Service, Topic

CLUSTER = "kafka-cluster"
"""The name that Kafka gives to the cluster as a thing to hold rights on."""


class Resource(StrEnum):
    """What a right is on, by Kafka's names."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTION = "TRANSACTIONAL_ID"
    CLUSTER = "BROKER"


class Operation(StrEnum):
    """What a right allows, by Kafka's names."""

    ALL = "ALL"
    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    DELETE = "DELETE"
    ALTER = "ALTER"
    DESCRIBE = "DESCRIBE"
    CLUSTER_ACTION = "CLUSTER_ACTION"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    ALTER_CONFIGS = "ALTER_CONFIGS"
    IDEMPOTENT_WRITE = "IDEMPOTENT_WRITE"
    OTHER = "OTHER"


class Pattern(StrEnum):
    """How the name of a right is compared: as a whole, or as a beginning."""

    LITERAL = "LITERAL"
    PREFIXED = "PREFIXED"


class Permission(StrEnum):
    """Whether a right is given or denied; a denial goes before every gift."""

    ALLOW = "ALLOW"
    DENY = "DENY"


class Right(msgspec.Struct, frozen=True, order=True):
    """One entry of the brokers' access control list, an ACL binding."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL
    permission: Permission = Permission.ALLOW
    host: str = "*"

    def covers(self, topic: str) -> bool:
        """Whether it speaks of this topic: by its whole name, its beginning, or as one of all."""
        if self.resource is not Resource.TOPIC:
            return False
        if self.pattern is Pattern.PREFIXED:
            return topic.startswith(self.name)
        return self.name in {topic, "*"}


def needed_rights(topics: Sequence[Topic], settings: KafkaSettings) -> frozenset[Right]:
    """Return every right that services and readers need, on topics by their full names."""
    names = [topic.name for topic in topics]
    only_read = (
        settings.archive_principal,
        settings.console_principal,
        settings.ops_principal,
    )
    services = [*_services(settings).values(), *only_read]
    rights = [
        *_writing(topics, settings),
        *(right for one in services for right in _looking_after(one, names)),
        *(right for one in (*services, *settings.readers) for right in _reading(one, names)),
    ]
    return frozenset(rights)


def _services(settings: KafkaSettings) -> dict[Service, str]:
    return {
        Service.INGEST: settings.ingest_principal,
        Service.PROFILES: settings.profiles_principal,
        Service.LEARNING: settings.learning_principal,
        Service.ALERTS: settings.alerts_principal,
    }


def _writing(topics: Sequence[Topic], settings: KafkaSettings) -> Iterator[Right]:
    writers: dict[Service, tuple[str, ...]] = {
        service: (one,) for service, one in _services(settings).items()
    }
    writers[Service.UPSTREAM] = settings.upstreams
    for topic in topics:
        for principal in (one for writer in topic.writers for one in writers[writer]):
            yield Right(principal, Operation.WRITE, Resource.TOPIC, topic.name)

    yield Right(
        settings.ingest_principal,
        Operation.WRITE,
        Resource.TRANSACTION,
        TopicNames(settings.topic_prefix).transaction,
    )


def _reading(principal: str, topics: Sequence[str]) -> Iterator[Right]:
    """Read every topic, in consumer groups whose names begin with one's own."""
    for topic in topics:
        yield Right(principal, Operation.READ, Resource.TOPIC, topic)
    _, _, own = principal.partition(":")
    yield Right(principal, Operation.READ, Resource.GROUP, own, Pattern.PREFIXED)


def _looking_after(principal: str, topics: Sequence[str]) -> Iterator[Right]:
    """See how topics are configured and who holds which right, as `holdfast topics check` does."""
    for topic in topics:
        yield Right(principal, Operation.DESCRIBE_CONFIGS, Resource.TOPIC, topic)
    yield Right(principal, Operation.DESCRIBE, Resource.CLUSTER, CLUSTER)
