"""The topic files and the AsyncAPI document hold what the catalogue says, and nothing else."""

from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from events import catalogue, schemas
from events.catalogue import REGISTRY
from schemas import asyncapi, generate
from schemas.topic_files import read_topics

FOLDER = Path(generate.__file__).parent
TOPICS = {topic.name: topic for topic in read_topics()}
PUBLISHED = list(schemas.published_types(REGISTRY))
EVERY_TOPIC = {
    catalogue.FACTS,
    catalogue.CONTROL,
    catalogue.SNAPSHOTS,
    catalogue.SIGNALS,
    catalogue.PROFILES,
    catalogue.DEAD_LETTERS,
    catalogue.INTAKE,
    catalogue.TASKS,
}


def test_every_topic_has_a_file_that_bears_its_name() -> None:
    files = {path.stem for path in (FOLDER / "topics").iterdir()}

    assert files == set(TOPICS) == EVERY_TOPIC


@pytest.mark.parametrize("topic", sorted(EVERY_TOPIC))
def test_a_topic_carries_the_types_that_the_catalogue_puts_there(topic: str) -> None:
    there = {entry.name for entry in PUBLISHED if topic in entry.topics}

    assert set(TOPICS[topic].types) == there
    assert len(TOPICS[topic].types) == len(there)


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry.name)
def test_a_type_stands_only_on_topics_that_there_are(entry: schemas.EventType) -> None:
    assert entry.topics
    assert set(entry.topics) <= EVERY_TOPIC


@pytest.mark.parametrize("topic", sorted(EVERY_TOPIC))
def test_a_topic_is_stamped_by_the_log_so_that_back_dated_history_stays(topic: str) -> None:
    assert TOPICS[topic].timestamp == "LogAppendTime"
    assert TOPICS[topic].cleanup == "delete"


def test_facts_and_control_are_kept_for_ever() -> None:
    kept = {name: topic.retention for name, topic in TOPICS.items()}

    assert kept == {
        "crm.control": "forever",
        "crm.dead-letters": 90,
        "crm.facts": "forever",
        "crm.intake": 7,
        "crm.profiles": 365,
        "crm.signals": 365,
        "crm.snapshots": 182,
        "crm.tasks": "forever",
    }


def test_derived_topics_have_as_many_partitions_as_facts_and_their_key() -> None:
    facts = TOPICS[catalogue.FACTS]

    for name in catalogue.DERIVED_TOPICS:
        assert (TOPICS[name].partitions, TOPICS[name].key) == (facts.partitions, facts.key)
    assert TOPICS[catalogue.CONTROL].partitions == 1


def document() -> dict[str, dict[str, dict[str, object]]]:
    return YAML(typ="safe", pure=True).load((FOLDER / "asyncapi.yaml").read_text("utf-8"))


def test_the_committed_document_describes_every_topic() -> None:
    assert document() == asyncapi.document(list(TOPICS.values()))
    assert document()["asyncapi"] == "3.0.0"
    assert set(document()["channels"]) == EVERY_TOPIC


def test_every_reference_of_the_document_leads_somewhere() -> None:
    missing = [
        reference for reference in _references(document()) if not _leads_somewhere(reference)
    ]

    assert missing == []


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if "$ref" in node else []
    return own + [found for value in node.values() for found in _references(value)]


def _leads_somewhere(reference: str) -> bool:
    if not reference.startswith("#/"):
        return (FOLDER / reference).is_file()
    node: object = document()
    for step in reference.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return True


@pytest.mark.parametrize(
    ("retention", "milliseconds"), [("forever", -1), (90, 7_776_000_000), (1, 86_400_000)]
)
def test_retention_is_told_to_a_broker_in_milliseconds(
    retention: int | str, milliseconds: int
) -> None:
    topic = msgspec.structs.replace(TOPICS[catalogue.DEAD_LETTERS], retention=retention)

    channel = asyncapi.document([topic])["channels"]["crm.dead-letters"]

    configuration = channel["bindings"]["kafka"]["topicConfiguration"]
    assert configuration == {"cleanup.policy": ["delete"], "retention.ms": milliseconds}
