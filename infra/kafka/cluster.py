"""The brokers as an administrator sees them: what topics and rights there are, and how to change them."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclOperation,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    DescribeClusterResult,
    NewTopic,
    ResourceType,
)

from infra.kafka.acl_bindings import EVERY_BINDING, binding_of, exact_filter, rights_of
from infra.kafka.admin_connection import AdminConnection
from infra.kafka.cluster_errors import not_allowed
from infra.kafka.rights import Right
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_plan import FoundCluster, FoundTopic
from infra.kafka.topic_steps import ChangeSetting, CreateTopic, GiveRight, Step, TakeRight

SECONDS_TO_ANSWER = 30.0

SEE_RIGHTS = "see who holds which right"

T = TypeVar("T")


class ClusterAdmin:
    """One administrative connection. Every method raises a `ClusterError` that says what to mend."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect lazily. Raises `KafkaSettingsError` for what is no PEM file."""
        self._connection = AdminConnection(settings)
        self._client = self._connection.client

    def look(self, topics: Sequence[str]) -> FoundCluster:
        """Return these topics, as far as they are there, and all rights."""
        there = self._connection.reach().topics
        replicas = {
            name: tuple(len(part.replicas) for _, part in sorted(there[name].partitions.items()))
            for name in topics
            if name in there
        }
        settings = self._topic_settings(list(replicas))
        rights, guarded = self._rights()
        found = {name: FoundTopic(copies, settings[name]) for name, copies in replicas.items()}
        return FoundCluster(found, rights, guarded)

    def perform(self, steps: Iterable[Step]) -> None:
        """Do what can be done: topics first, then settings, then rights."""
        steps = list(steps)
        self._create([step for step in steps if isinstance(step, CreateTopic)])
        self._change([step for step in steps if isinstance(step, ChangeSetting)])
        self._give([step.right for step in steps if isinstance(step, GiveRight)])
        self._take([step.right for step in steps if isinstance(step, TakeRight)])

    def _topic_settings(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        if not topics:
            return {}
        asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        answers = self._client.describe_configs(asked, request_timeout=SECONDS_TO_ANSWER)
        return {
            resource.name: _values(
                self._connection.answer(answer, f"show how {resource.name} is configured")
            )
            for resource, answer in answers.items()
        }

    def _rights(self) -> tuple[frozenset[Right], bool]:
        """Return all rights that we know the kind of, and whether there is an authorizer at all.

        The library answers with no rights where the broker refuses to tell them, or has no
        authorizer, so both are asked for by themselves.
        """
        self._must_be_allowed_to_look()
        answer = self._client.describe_acls(EVERY_BINDING, request_timeout=SECONDS_TO_ANSWER)
        rights = rights_of(self._connection.answer(answer, SEE_RIGHTS))
        return rights, bool(rights) or self._has_authorizer()

    def _must_be_allowed_to_look(self) -> None:
        answer = self._client.describe_cluster(
            include_authorized_operations=True, request_timeout=SECONDS_TO_ANSWER
        )
        cluster: DescribeClusterResult = self._connection.answer(answer, SEE_RIGHTS)
        if AclOperation.DESCRIBE not in (cluster.authorized_operations or ()):
            raise not_allowed(SEE_RIGHTS, self._connection.settings)

    def _has_authorizer(self) -> bool:
        """Whether some broker names one; where none does, everybody may see how it is configured."""
        broker = ConfigResource(
            ResourceType.BROKER, str(next(iter(self._connection.reach().brokers)))
        )
        (answer,) = self._client.describe_configs([broker]).values()
        try:
            return _values(answer.result()).get("authorizer.class.name") != ""
        except KafkaException:
            return True

    def _create(self, steps: Sequence[CreateTopic]) -> None:
        if steps:
            new = [
                NewTopic(
                    step.topic.name,
                    num_partitions=step.topic.partitions,
                    replication_factor=step.topic.replication,
                    config=step.topic.settings,
                )
                for step in steps
            ]
            self._all(
                self._client.create_topics(new, request_timeout=SECONDS_TO_ANSWER), "create topics"
            )

    def _change(self, steps: Sequence[ChangeSetting]) -> None:
        by_topic: dict[str, list[ConfigEntry]] = {}
        for step in steps:
            entry = ConfigEntry(
                step.setting, step.needed, incremental_operation=AlterConfigOpType.SET
            )
            by_topic.setdefault(step.topic, []).append(entry)
        if by_topic:
            changed = [
                ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
                for topic, entries in by_topic.items()
            ]
            self._all(self._client.incremental_alter_configs(changed), "change settings of topics")

    def _give(self, rights: Sequence[Right]) -> None:
        if rights:
            bindings = [binding_of(right) for right in rights]
            self._all(self._client.create_acls(bindings), "give rights")

    def _take(self, rights: Sequence[Right]) -> None:
        if rights:
            filters = [exact_filter(right) for right in rights]
            self._all(self._client.delete_acls(filters), "take rights away")

    def _all(self, answers: Mapping[T, "Future[object]"], doing: str) -> None:
        for answer in answers.values():
            self._connection.answer(answer, doing)


def _values(entries: Mapping[str, ConfigEntry]) -> dict[str, str]:
    return {name: entry.value or "" for name, entry in entries.items()}
