"""Who may do what: only ingest appends facts, everybody named reads, nobody else does anything."""

import pytest

from infra.kafka.rights import Operation, Pattern, Resource, Right, needed_rights
from infra.kafka.settings import KafkaSettings, SecurityProtocol
from schemas.topic_files import read_topics
from tests.unit.infra.kafka.plans import SETTINGS, TOPICS

RIGHTS = needed_rights(TOPICS, SETTINGS)
REAL = needed_rights(read_topics(), SETTINGS)
WRITERS = {"User:ingest", "User:profiles", "User:learning", "User:alerts"}
SERVICES = {*WRITERS, "User:archive", "User:console", "User:ops"}


def holders(rights: frozenset[Right], operation: Operation, name: str) -> set[str]:
    return {
        right.principal for right in rights if (right.operation, right.name) == (operation, name)
    }


@pytest.mark.parametrize(
    ("topic", "writers"),
    [
        ("crm.facts", {"User:ingest"}),
        ("crm.control", {"User:ingest", "User:profiles", "User:learning"}),
        ("crm.dead-letters", {"User:ingest"}),
        ("crm.signals", {"User:profiles"}),
        ("crm.profiles", {"User:profiles"}),
        ("crm.snapshots", {"User:profiles"}),
    ],
)
def test_each_topic_is_written_by_these_and_nobody_else(topic: str, writers: set[str]) -> None:
    assert holders(REAL, Operation.WRITE, topic) == writers


def test_every_service_and_reader_may_read_every_topic() -> None:
    for topic in TOPICS:
        readers = holders(RIGHTS, Operation.READ, topic.name)

        assert readers == SERVICES | {"User:analyst"}


def test_a_reader_may_read_and_nothing_else() -> None:
    own = {right for right in RIGHTS if right.principal == "User:analyst"}

    assert {right.operation for right in own} == {Operation.READ}


def test_consumer_groups_begin_with_the_name_of_whom_they_belong_to() -> None:
    groups = {
        (right.principal, right.name, right.pattern)
        for right in RIGHTS
        if right.resource is Resource.GROUP
    }

    assert ("User:profiles", "profiles", Pattern.PREFIXED) in groups
    assert ("User:analyst", "analyst", Pattern.PREFIXED) in groups
    assert len(groups) == len(SERVICES) + 1


def test_services_may_look_at_configuration_and_rights_so_that_they_can_check_them() -> None:
    assert holders(RIGHTS, Operation.DESCRIBE_CONFIGS, "crm.facts") == SERVICES
    assert holders(RIGHTS, Operation.DESCRIBE, "kafka-cluster") == SERVICES


def test_days_are_opened_by_ingest_alone() -> None:
    assert holders(RIGHTS, Operation.WRITE, "clock") == {"User:ingest"}


def test_principals_are_those_of_the_settings() -> None:
    settings = KafkaSettings(
        security_protocol=SecurityProtocol.PLAINTEXT, ingest_principal="User:CN=door,O=Example"
    )

    rights = needed_rights(TOPICS, settings)

    assert holders(rights, Operation.WRITE, "crm.facts") == {"User:CN=door,O=Example"}
    assert "User:ingest" not in {right.principal for right in rights}


@pytest.mark.parametrize(
    ("right", "covered"),
    [
        (Right("User:a", Operation.WRITE, Resource.TOPIC, "crm.facts"), True),
        (Right("User:a", Operation.WRITE, Resource.TOPIC, "*"), True),
        (Right("User:a", Operation.WRITE, Resource.TOPIC, "crm.", Pattern.PREFIXED), True),
        (Right("User:a", Operation.WRITE, Resource.TOPIC, "crm."), False),
        (Right("User:a", Operation.WRITE, Resource.TOPIC, "crm.facts-2"), False),
        (Right("User:a", Operation.WRITE, Resource.GROUP, "crm.facts"), False),
    ],
)
def test_a_right_covers_a_topic_by_name_beginning_or_as_one_of_all(
    right: Right, *, covered: bool
) -> None:
    assert right.covers("crm.facts") is covered


def test_the_transactional_id_begins_as_the_topics_of_its_log_do() -> None:
    settings = KafkaSettings(security_protocol=SecurityProtocol.PLAINTEXT, topic_prefix="north.")

    rights = needed_rights(TOPICS, settings)

    assert holders(rights, Operation.WRITE, "north.clock") == {"User:ingest"}
    assert holders(rights, Operation.WRITE, "clock") == set()
