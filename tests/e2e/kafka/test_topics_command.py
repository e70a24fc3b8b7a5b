"""`holdfast topics`: from brokers without a topic to topics and rights as the files say, and back."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from infra.kafka.broker import Broker
from infra.kafka.cluster import ClusterAdmin
from infra.kafka.connection import connection
from infra.kafka.rights import Operation, Pattern, Permission, Resource, Right
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_steps import ChangeSetting, CreateTopic, GiveRight, NeededTopic, TakeRight
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from tests.e2e.kafka.conftest import Holdfast

IN_ORDER = "Topics and rights are as the files say.\n"
TOPICS = [topic.name for topic in read_topics()]


@pytest.fixture
def own_topics(admin: KafkaSettings) -> Iterator[AdminClient]:
    """The library's own client; all topics are deleted before and after, so that shapes may be wrong."""
    client = AdminClient({**connection(admin).librdkafka, "log_level": 0})
    _delete_all(client)
    yield client
    _delete_all(client)


def _delete_all(client: AdminClient) -> None:
    there = sorted(set(client.list_topics(timeout=10).topics) & set(TOPICS))
    for deleted in client.delete_topics(there).values() if there else ():
        deleted.result()
    _until(lambda: not set(client.list_topics(timeout=10).topics) & set(TOPICS))


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def put(admin: KafkaSettings, *steps: ChangeSetting | GiveRight | TakeRight) -> None:
    """Make something of the brokers another, and wait until they show it."""
    before = TopicsAsCode(read_topics(), admin).plan()
    ClusterAdmin(admin).perform(steps)
    _until(lambda: TopicsAsCode(read_topics(), admin).plan() != before)


def test_plan_apply_check_and_apply_again(
    bare_broker: Broker, own_topics: AdminClient, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    planned = holdfast(admin, "topics", "plan")
    assert planned.code == 0
    assert "create crm.facts: 64 partitions, 1 copies, cleanup.policy=delete" in planned.out
    assert holdfast(admin, "topics", "check").code == 1

    applied = holdfast(admin, "topics", "apply")
    assert applied.code == 0
    assert "create crm.facts" in applied.out
    assert applied.out.endswith(IN_ORDER)

    assert holdfast(admin, "topics", "check").out == IN_ORDER
    assert holdfast(admin, "topics", "plan").out == IN_ORDER
    again = holdfast(admin, "topics", "apply", "--json")
    assert (again.code, json.loads(again.out)) == (0, {"done": [], "left": []})


def test_planning_changes_nothing(
    bare_broker: Broker, own_topics: AdminClient, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    first = holdfast(admin, "topics", "plan", "--json").out

    assert holdfast(admin, "topics", "plan", "--json").out == first
    assert not set(own_topics.list_topics(timeout=10).topics) & set(TOPICS)


def test_topics_are_what_the_files_say(broker: Broker, admin: KafkaSettings) -> None:
    found = ClusterAdmin(admin).look(TOPICS)

    facts, snapshots = found.topics["crm.facts"], found.topics["crm.snapshots"]
    assert facts.replicas == (1,) * 64
    assert found.topics["crm.control"].replicas == (1,)
    assert facts.settings["retention.ms"] == facts.settings["retention.bytes"] == "-1"
    assert snapshots.settings["retention.ms"] == str(182 * 86_400_000)
    assert facts.settings["message.timestamp.type"] == "LogAppendTime"
    assert facts.settings["min.insync.replicas"] == "1"


@pytest.mark.parametrize(
    "wrong",
    [
        ChangeSetting("crm.facts", "retention.ms", "-1", "604800000"),
        ChangeSetting("crm.facts", "retention.bytes", "-1", "1000000"),
        ChangeSetting("crm.control", "cleanup.policy", "delete", "compact"),
        ChangeSetting("crm.signals", "message.timestamp.type", "LogAppendTime", "CreateTime"),
    ],
    ids=lambda wrong: wrong.setting,
)
def test_a_wrong_setting_fails_the_check_with_the_difference_and_apply_mends_it(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast, wrong: ChangeSetting
) -> None:
    put(admin, wrong)
    topic, setting, right = wrong.topic, wrong.setting, wrong.actual

    checked = holdfast(admin, "topics", "check")
    assert checked.code == 1
    assert checked.out == (
        f"1 thing differs:\n  {topic}: {setting} is {wrong.needed}, needed is {right}\n"
    )

    applied = holdfast(admin, "topics", "apply")
    assert f"set {setting} of {topic}: {wrong.needed} becomes {right}" in applied.out
    assert holdfast(admin, "topics", "check").out == IN_ORDER


def test_the_difference_is_there_for_programs_too(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    put(admin, ChangeSetting("crm.facts", "retention.ms", "-1", "86400000"))

    checked = holdfast(admin, "topics", "check", "--json")

    assert checked.code == 1
    assert json.loads(checked.out) == {
        "steps": [
            {
                "type": "change-setting",
                "topic": "crm.facts",
                "setting": "retention.ms",
                "actual": "86400000",
                "needed": "-1",
            }
        ]
    }


def test_it_speaks_chinese(broker: Broker, admin: KafkaSettings, holdfast: Holdfast) -> None:
    put(admin, ChangeSetting("crm.facts", "retention.ms", "-1", "86400000"))

    checked = holdfast(admin, "--lang", "zh", "topics", "check")

    assert checked.out == "1 项不一致：\n  crm.facts：retention.ms 现为 86400000，应为 -1\n"


@pytest.mark.parametrize("partitions", [1, 65])
def test_another_number_of_partitions_cannot_be_mended(
    bare_broker: Broker,
    own_topics: AdminClient,
    admin: KafkaSettings,
    holdfast: Holdfast,
    partitions: int,
) -> None:
    create_wrong(admin, "crm.profiles", partitions)

    applied = holdfast(admin, "topics", "apply")
    checked = holdfast(admin, "topics", "check")

    assert (applied.code, checked.code) == (1, 1)
    assert f"crm.profiles: partitions is {partitions}, needed is 64: another number" in checked.out
    assert "Left for you to mend:" in applied.out


def create_wrong(admin: KafkaSettings, name: str, partitions: int) -> None:
    settings = {
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": "1",
        "retention.bytes": "-1",
        "retention.ms": str(365 * 86_400_000),
    }
    ClusterAdmin(admin).perform([CreateTopic(NeededTopic(name, partitions, 1, settings))])
    _until(lambda: name in ClusterAdmin(admin).look([name]).topics)


def test_partitions_added_behind_our_back_are_noticed(
    broker: Broker, own_topics: AdminClient, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    TopicsAsCode(read_topics(), admin).apply()
    grown = own_topics.create_partitions([NewPartitions("crm.control", 2)])
    grown["crm.control"].result()
    _until(lambda: TopicsAsCode(read_topics(), admin).plan() != ())

    checked = holdfast(admin, "topics", "check")

    assert (checked.code, "crm.control: partitions is 2, needed is 1" in checked.out) == (1, True)


def test_other_replication_cannot_be_mended(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    checked = holdfast(admin, "topics", "check", REPLICATION="3")

    assert checked.code == 1
    assert "crm.facts: replication is 1, needed is 3: move its copies" in checked.out


def test_a_right_to_write_facts_given_to_somebody_else_is_noticed_and_taken_away(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    put(admin, GiveRight(Right("User:mallory", Operation.WRITE, Resource.TOPIC, "crm.facts")))

    checked = holdfast(admin, "topics", "check")
    assert checked.code == 1
    assert "right is one too many: User:mallory WRITE TOPIC crm.facts" in checked.out

    applied = holdfast(admin, "topics", "apply")
    assert "take away: User:mallory WRITE TOPIC crm.facts" in applied.out
    assert holdfast(admin, "topics", "check").code == 0


def test_a_right_that_is_missing_is_noticed_and_given(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast
) -> None:
    put(admin, TakeRight(Right("User:ingest", Operation.WRITE, Resource.TOPIC, "crm.facts")))

    checked = holdfast(admin, "topics", "check")
    assert "right is missing: User:ingest WRITE TOPIC crm.facts" in checked.out

    holdfast(admin, "topics", "apply")
    assert holdfast(admin, "topics", "check").code == 0


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (
            Right("User:mallory", Operation.ALL, Resource.TOPIC, "crm.", Pattern.PREFIXED),
            "rights of User:mallory is ALLOW ALL PREFIXED, needed is none: it lets somebody",
        ),
        (
            Right(
                "User:ingest",
                Operation.WRITE,
                Resource.TOPIC,
                "crm.facts",
                permission=Permission.DENY,
            ),
            "rights of User:ingest is DENY WRITE LITERAL, needed is no denial: it takes away",
        ),
    ],
)
def test_rights_that_apply_will_not_touch_are_told_with_the_way_on(
    broker: Broker, admin: KafkaSettings, holdfast: Holdfast, right: Right, said: str
) -> None:
    put(admin, GiveRight(right))
    try:
        applied = holdfast(admin, "topics", "apply")

        assert applied.code == 1
        assert said in applied.out
    finally:
        put(admin, TakeRight(right))


@pytest.mark.parametrize("service", ["ingest", "profiles", "learning", "ops"])
def test_every_service_may_check_but_not_change(
    broker: Broker, holdfast: Holdfast, service: str
) -> None:
    own = broker.settings(service)

    assert holdfast(own, "topics", "check").out == IN_ORDER
    refused = holdfast(own, "topics", "apply", READERS="User:another")
    assert refused.code == 2
    assert f"{service} may not give rights: sign in as an administrator" in refused.err
