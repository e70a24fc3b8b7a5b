"""From what is needed and what is there to what is to be done, each difference by name."""

import msgspec
import pytest

from infra.kafka.rights import Operation, Pattern, Permission, Resource, Right
from infra.kafka.topic_plan import FoundCluster, needed_topic, plan
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
from tests.unit.infra.kafka.plans import (
    CONTROL,
    FACTS,
    SETTINGS,
    SIGNALS,
    TOPICS,
    cluster,
    found_topic,
)

NOTHING_THERE = FoundCluster({}, frozenset(), guarded=True)


def planned(found: FoundCluster) -> tuple[Step, ...]:
    return plan(TOPICS, SETTINGS, found)


def intruder(name: str, operation: Operation = Operation.WRITE, **more: str) -> Right:
    return Right("User:mallory", operation, Resource.TOPIC, name, **more)


def test_where_all_is_as_it_must_be_there_is_nothing_to_do() -> None:
    assert planned(cluster()) == ()


def test_a_topic_that_is_not_there_is_created_with_everything_stated() -> None:
    steps = planned(NOTHING_THERE)

    assert steps[:2] == (
        CreateTopic(
            NeededTopic(
                "crm.control",
                1,
                3,
                {
                    "cleanup.policy": "delete",
                    "message.timestamp.type": "LogAppendTime",
                    "min.insync.replicas": "2",
                    "retention.bytes": "-1",
                    "retention.ms": "7776000000",
                },
            )
        ),
        CreateTopic(NeededTopic("crm.facts", 4, 3, steps[0].topic.settings)),
    )


def test_topics_come_before_rights_on_them() -> None:
    kinds = [type(step) for step in planned(NOTHING_THERE)]

    assert kinds == [CreateTopic] * 3 + [GiveRight] * (len(kinds) - 3)
    assert len(kinds) > 20


def test_facts_kept_for_ever_are_bounded_neither_by_time_nor_by_bytes() -> None:
    facts = msgspec.structs.replace(FACTS, retention="forever")

    first = plan([facts], SETTINGS, NOTHING_THERE)[0]

    assert isinstance(first, CreateTopic)
    assert first.topic.settings["retention.ms"] == "-1"
    assert first.topic.settings["retention.bytes"] == "-1"


@pytest.mark.parametrize(
    ("setting", "actual", "needed"),
    [
        ("cleanup.policy", "compact", "delete"),
        ("message.timestamp.type", "CreateTime", "LogAppendTime"),
        ("min.insync.replicas", "1", "2"),
        ("retention.bytes", "1000000", "-1"),
        ("retention.ms", "604800000", "7776000000"),
    ],
)
def test_a_setting_that_differs_is_changed(setting: str, actual: str, needed: str) -> None:
    wrong = found_topic(FACTS, settings={setting: actual})

    assert planned(cluster({"crm.facts": wrong})) == (
        ChangeSetting("crm.facts", setting, actual, needed),
    )


@pytest.mark.parametrize(
    ("replicas", "obstacle", "setting", "actual", "needed"),
    [
        ((3, 3), Obstacle.TOO_FEW_PARTITIONS, "partitions", "2", "4"),
        ((3,) * 5, Obstacle.TOO_MANY_PARTITIONS, "partitions", "5", "4"),
        ((1, 1, 1, 1), Obstacle.OTHER_REPLICATION, "replication", "1", "3"),
        ((3, 3, 2, 3), Obstacle.OTHER_REPLICATION, "replication", "2, 3", "3"),
    ],
)
def test_another_shape_is_left_to_a_person(
    replicas: tuple[int, ...], obstacle: Obstacle, setting: str, actual: str, needed: str
) -> None:
    wrong = found_topic(FACTS, replicas)

    assert planned(cluster({"crm.facts": wrong})) == (
        CannotMend(obstacle, "crm.facts", setting, actual, needed),
    )


def test_all_that_is_wrong_with_a_topic_is_told_at_once() -> None:
    wrong = found_topic(SIGNALS, (1,), {"cleanup.policy": "compact", "retention.ms": "1"})

    assert [step.setting for step in planned(cluster({"crm.signals": wrong}))] == [
        "partitions",
        "replication",
        "cleanup.policy",
        "retention.ms",
    ]


def test_a_right_that_is_missing_is_given() -> None:
    missing = Right("User:ingest", Operation.WRITE, Resource.TOPIC, "crm.facts")

    assert planned(cluster(without=[missing])) == (GiveRight(missing),)


@pytest.mark.parametrize(
    "operation",
    [
        Operation.WRITE,
        Operation.ALL,
        Operation.DELETE,
        Operation.ALTER,
        Operation.ALTER_CONFIGS,
    ],
)
def test_a_right_to_change_a_topic_that_nobody_needs_is_taken_away(operation: Operation) -> None:
    right = intruder("crm.facts", operation)

    assert planned(cluster(more=[right])) == (TakeRight(right),)


def test_a_service_may_not_write_where_another_does() -> None:
    right = Right("User:profiles", Operation.WRITE, Resource.TOPIC, "crm.facts")

    assert planned(cluster(more=[right])) == (TakeRight(right),)


@pytest.mark.parametrize(
    "right",
    [
        intruder("crm.facts", Operation.READ),
        intruder("crm.facts", Operation.DESCRIBE),
        intruder("crm.facts", permission=Permission.DENY),
        intruder("somebody.elses"),
        intruder("some", pattern=Pattern.PREFIXED),
        Right("User:mallory", Operation.ALL, Resource.GROUP, "*"),
    ],
)
def test_what_changes_no_topic_of_ours_is_nobodys_business(right: Right) -> None:
    assert planned(cluster(more=[right])) == ()


@pytest.mark.parametrize(
    ("right", "what"),
    [
        (intruder("*"), "ALLOW WRITE LITERAL"),
        (intruder("crm.", pattern=Pattern.PREFIXED), "ALLOW WRITE PREFIXED"),
        (intruder("crm.facts", pattern=Pattern.PREFIXED), "ALLOW WRITE PREFIXED"),
    ],
)
def test_a_right_that_reaches_further_than_our_topics_is_left_to_a_person(
    right: Right, what: str
) -> None:
    assert planned(cluster(more=[right])) == (
        CannotMend(
            Obstacle.RIGHT_BEYOND_OUR_TOPICS, right.name, "rights of User:mallory", what, "none"
        ),
    )


@pytest.mark.parametrize(
    "denial",
    [
        Right("User:*", Operation.ALL, Resource.TOPIC, "crm.facts", permission=Permission.DENY),
        Right("User:ingest", Operation.WRITE, Resource.TOPIC, "*", permission=Permission.DENY),
        Right(
            "User:ingest", Operation.WRITE, Resource.TRANSACTION, "*", permission=Permission.DENY
        ),
    ],
)
def test_a_denial_of_what_a_service_needs_is_left_to_a_person(denial: Right) -> None:
    steps = planned(cluster(more=[denial]))

    assert [(step.obstacle, step.topic) for step in steps] == [(Obstacle.RIGHT_DENIED, denial.name)]


def test_brokers_without_an_authorizer_cannot_keep_anybody_out() -> None:
    assert planned(cluster(guarded=False)) == (
        CannotMend(Obstacle.NOT_GUARDED, "*", "authorizer.class.name", "", "an authorizer"),
    )


def test_steps_tell_themselves_apart_in_json() -> None:
    step = ChangeSetting("crm.control", "retention.ms", "1", "-1")

    assert msgspec.json.decode(msgspec.json.encode(step)) == {
        "type": "change-setting",
        "topic": CONTROL.name,
        "setting": "retention.ms",
        "actual": "1",
        "needed": "-1",
    }


def test_topics_by_customer_have_the_partitions_of_the_settings_and_others_their_own() -> None:
    settings = SETTINGS.model_copy(update={"partitions": 8})

    assert needed_topic(FACTS, settings).partitions == 8
    assert needed_topic(CONTROL, settings).partitions == CONTROL.partitions
