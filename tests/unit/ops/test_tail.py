"""The newest records of every topic, in one shape."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, PROFILES, SIGNALS, SNAPSHOTS, TASKS
from events.values import CustomerId
from infra.folder import DataFolder
from infra.log.records import DeadLetter, FactRecord
from infra.log.sqlite import SqliteLog
from services.ops.tail import (
    TOPICS,
    TopicWithoutCustomersError,
    UnknownTopicError,
    check_topic,
    tail,
)
from services.ops.tail_records import TailRecord, of_fact
from tests.unit.ops.folders import PROJECTION, WRITTEN, id_of, order, read, regular, written

LETTER = DeadLetter("aa01", "shop", "invalid", "what", "$.data", "mend", WRITTEN, b"\xff")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A and B go silent and are flagged on the same day, live; A comes back."""
    path = tmp_path_factory.mktemp("tail")
    facts = [*regular("A"), *regular("B")]
    written(path, facts, 138)
    for day in range(139, 160, 5):  # day by day, so that it is lived through and not history
        written(path, [], day)

    async def bury(log: SqliteLog) -> None:
        await log.bury([LETTER])

    return written(path, [order("A", 160)], work=bury)


def newest(
    folder: DataFolder, topic: str, last: int = 100, customer: CustomerId | None = None
) -> list[TailRecord]:
    return read(folder, lambda reading: tail(reading.archive, topic, customer, last))


def test_a_fact_keeps_the_name_and_time_that_its_source_gave(folder: DataFolder) -> None:
    (last,) = newest(folder, FACTS, 1)

    assert (last.topic, last.source, last.id) == (FACTS, "shop", "order-A-160-10000")
    assert last.type == "crm.order.placed.v1"
    assert last.time == datetime.datetime(2011, 6, 12, 12, tzinfo=datetime.UTC)
    assert last.day == datetime.date(2011, 6, 12)
    assert last.subject == id_of("A")
    assert msgspec.json.decode(last.data)["order_id"] == "O-A-160"


def test_a_mark_is_named_by_its_offset(folder: DataFolder) -> None:
    mark = newest(folder, FACTS, 2)[0]

    assert mark.type == "crm.day.opened.v2"
    assert mark.id == mark.sequence
    assert mark.subject is None
    assert msgspec.json.decode(mark.data) == {"day": "2011-06-12", "feeds": []}


def test_facts_are_in_the_order_of_the_log(folder: DataFolder) -> None:
    sequences = [record.sequence for record in newest(folder, FACTS, 50)]

    assert sequences == sorted(sequences)
    assert len(sequences) == 50
    assert {len(sequence) for sequence in sequences} == {19}


def test_one_customers_facts_are_its_own(folder: DataFolder) -> None:
    records = newest(folder, FACTS, 3, id_of("B"))

    assert [record.id for record in records] == [
        "order-B-80-10000",
        "order-B-90-10000",
        "order-B-100-10000",
    ]


def test_a_signal_has_projection_sequence_and_emission(folder: DataFolder) -> None:
    (last,) = newest(folder, SIGNALS, 1)

    assert last.type == "crm.anomaly.cleared.v2"
    assert last.source == f"{PROJECTION}:0"
    assert last.id == last.sequence
    assert len(last.id) == 19
    assert last.subject == id_of("A")
    assert last.emission == "live"
    assert last.day == datetime.date(2011, 6, 12)


@pytest.mark.parametrize("topic", [SIGNALS, PROFILES, SNAPSHOTS])
@pytest.mark.parametrize("last", [1, 2, 3, 7, 1000])
def test_the_last_ones_are_the_end_of_all(folder: DataFolder, topic: str, last: int) -> None:
    everything = newest(folder, topic, 100_000)

    assert newest(folder, topic, last) == everything[-last:]
    assert len(everything) > 2


@pytest.mark.parametrize("topic", [SIGNALS, PROFILES])
def test_one_customers_outputs_are_its_own(folder: DataFolder, topic: str) -> None:
    everything = newest(folder, topic, 100_000)

    assert newest(folder, topic, 100, id_of("B")) == [
        record for record in everything if record.subject == id_of("B")
    ]
    assert newest(folder, topic, 1, id_of("B")) == newest(folder, topic, 100, id_of("B"))[-1:]


def test_a_card_stands_in_its_topic(folder: DataFolder) -> None:
    (last,) = newest(folder, PROFILES, 1)

    assert msgspec.json.decode(last.data)["customer_id"] == id_of("A")


def test_control_tells_the_life_of_the_log(folder: DataFolder) -> None:
    records = newest(folder, CONTROL, 10_000)

    assert [record.type for record in records[:4]] == [
        "crm.log.created.v1",
        "crm.clock.mode-set.v1",
        "crm.projection.created.v1",
        "crm.emitting.v1",
    ]
    assert records[0].id == "0" * 19
    assert newest(folder, CONTROL, 2) == records[-2:]


def test_a_dead_letter_has_the_shape_of_a_record(folder: DataFolder) -> None:
    (letter,) = newest(folder, DEAD_LETTERS)

    assert (letter.id, letter.source, letter.type) == ("aa01", "shop", "crm.dead-letter")
    assert letter.sequence is None
    assert msgspec.json.decode(letter.data)["body_hex"] == "ff"


@pytest.mark.parametrize("topic", TOPICS)
def test_none_of_a_topic_is_none(folder: DataFolder, topic: str) -> None:
    assert newest(folder, topic, 0) == []


@pytest.mark.parametrize("topic", [SIGNALS, PROFILES, SNAPSHOTS, DEAD_LETTERS])
def test_an_empty_topic_has_no_end(tmp_path: Path, topic: str) -> None:
    assert newest(written(tmp_path, [], fold=False), topic) == []


@pytest.mark.parametrize("topic", [FACTS, SIGNALS, PROFILES, SNAPSHOTS])
def test_of_a_stranger_there_is_nothing(folder: DataFolder, topic: str) -> None:
    assert newest(folder, topic, 10, id_of("stranger")) == []


@pytest.mark.parametrize("topic", ["", "facts", "crm.task", "crm.facts "])
def test_an_unknown_topic_is_refused_with_those_there_are(folder: DataFolder, topic: str) -> None:
    with pytest.raises(UnknownTopicError, match=r"there are crm\.facts, crm\.control"):
        newest(folder, topic)


@pytest.mark.parametrize("topic", [CONTROL, DEAD_LETTERS, TASKS])
def test_no_customer_can_be_chosen_where_records_have_none(folder: DataFolder, topic: str) -> None:
    with pytest.raises(TopicWithoutCustomersError, match="leave --customer out"):
        newest(folder, topic, 10, id_of("A"))


def test_every_topic_of_the_log_can_be_asked_for() -> None:
    for topic in TOPICS:
        check_topic(topic, None)


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff\xfe", b'{"a": nan}'])
def test_data_that_is_no_json_any_more_is_shown_as_digits(damaged: bytes) -> None:
    record = FactRecord(7, "crm.order.placed.v1", id_of("A"), "shop", "1", 0, 0, 0, damaged, b"")

    assert msgspec.json.decode(of_fact(record).data) == {"damaged": damaged.hex()}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_record_is_written_as_json_that_reads_back(folder: DataFolder, topic: str) -> None:
    for record in newest(folder, topic, 20):
        line = msgspec.json.encode(record)

        assert b"\n" not in line
        assert msgspec.json.encode(msgspec.json.decode(line, type=TailRecord)) == line
