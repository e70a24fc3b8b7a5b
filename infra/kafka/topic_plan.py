"""From topics as they must be and as they are to what is to be done; pure, so that it can be shown."""

from collections.abc import Iterator, Sequence

import msgspec

from infra.kafka.foreign_rights import denied, foreign
from infra.kafka.rights import Pattern, Right, needed_rights
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_steps import (
    CannotMend,
    ChangeSetting,
    CreateTopic,
    GiveRight,
    NeededTopic,
    Obstacle,
    Step,
    TakeRight,
)
from schemas.topic_files import Topic, retention_milliseconds

KEYED_BY_CUSTOMER = "customer_id"
"""Topics with this key have the partitions of ``crm.facts``: an output goes to its source's number."""


class FoundTopic(msgspec.Struct, frozen=True):
    """A topic as the brokers have it: copies of each partition in order, effective settings."""

    replicas: tuple[int, ...]
    settings: dict[str, str]


class FoundCluster(msgspec.Struct, frozen=True):
    """What the brokers have: topics by name, and rights, where there are any (``guarded``)."""

    topics: dict[str, FoundTopic]
    rights: frozenset[Right]
    guarded: bool


def needed_topic(topic: Topic, settings: KafkaSettings) -> NeededTopic:
    """Return a topic as the brokers must have it; what they would else default to is stated."""
    return NeededTopic(
        topic.name,
        settings.partitions if topic.key == KEYED_BY_CUSTOMER else topic.partitions,
        settings.replication,
        {
            "cleanup.policy": topic.cleanup,
            "message.timestamp.type": topic.timestamp,
            "min.insync.replicas": str(settings.min_insync),
            "retention.bytes": "-1",
            "retention.ms": str(retention_milliseconds(topic)),
        },
    )


def plan(topics: Sequence[Topic], settings: KafkaSettings, found: FoundCluster) -> tuple[Step, ...]:
    """Return what is to be done, in the order to do it; nothing where all is as it must be."""
    needed = [needed_topic(topic, settings) for topic in topics]
    return (
        *(step for topic in needed for step in _topic_steps(topic, found)),
        *_right_steps(needed_rights(topics, settings), tuple(t.name for t in topics), found),
    )


def _topic_steps(needed: NeededTopic, found: FoundCluster) -> Iterator[Step]:
    there = found.topics.get(needed.name)
    if there is None:
        yield CreateTopic(needed)
        return
    yield from _shape_steps(needed, there)
    for name, value in needed.settings.items():
        actual = there.settings.get(name, "")
        if actual != value:
            yield ChangeSetting(needed.name, name, actual, value)


def _shape_steps(needed: NeededTopic, there: FoundTopic) -> Iterator[CannotMend]:
    partitions = len(there.replicas)
    if partitions != needed.partitions:
        few = partitions < needed.partitions
        yield CannotMend(
            Obstacle.TOO_FEW_PARTITIONS if few else Obstacle.TOO_MANY_PARTITIONS,
            needed.name,
            "partitions",
            str(partitions),
            str(needed.partitions),
        )
    copies = sorted(set(there.replicas))
    if copies != [needed.replication]:
        actual = ", ".join(map(str, copies))
        yield CannotMend(
            Obstacle.OTHER_REPLICATION, needed.name, "replication", actual, str(needed.replication)
        )


def _right_steps(
    needed: frozenset[Right], topics: Sequence[str], found: FoundCluster
) -> Iterator[Step]:
    if not found.guarded:
        yield CannotMend(Obstacle.NOT_GUARDED, "*", "authorizer.class.name", "", "an authorizer")
        return
    yield from (GiveRight(right) for right in sorted(needed - found.rights))
    for right in foreign(needed, topics, found.rights):
        if right.name in topics and right.pattern is Pattern.LITERAL:
            yield TakeRight(right)
        else:
            yield _about(Obstacle.RIGHT_BEYOND_OUR_TOPICS, right, "none")
    yield from (
        _about(Obstacle.RIGHT_DENIED, right, "no denial") for right in denied(needed, found.rights)
    )


def _about(obstacle: Obstacle, right: Right, needed: str) -> CannotMend:
    what = f"{right.permission} {right.operation} {right.pattern}"
    return CannotMend(obstacle, right.name, f"rights of {right.principal}", what, needed)
