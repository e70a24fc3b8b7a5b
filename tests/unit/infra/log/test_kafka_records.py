"""Records of the log as messages of Kafka: what goes in comes out, in CloudEvents' binary mode."""

import pytest

from events import codec
from events.catalogue import CONTROL, DEAD_LETTERS, FACTS, SIGNALS
from events.marks import Emission
from infra.log.kafka_records import (
    Consumed,
    DamagedMessageError,
    Message,
    control_message,
    control_of,
    fact_message,
    fact_of,
    letter_message,
    letter_of,
    output_message,
    output_of,
)
from infra.log.records import ControlRecord, DeadLetter, FactRecord, Output, OutputRecord
from tests.support.given import DAY, id_of, order
from tests.unit.events.test_tracing import VALID

NOON = 1_296_043_200_000_000
FACT = order("anna", DAY)


def consumed(message: Message, offset: int = 7) -> Consumed:
    """As a consumer gets it, appended at noon."""
    return Consumed(
        message.topic,
        max(message.partition, 0),
        offset,
        NOON // 1_000,
        message.key,
        message.value,
        message.headers,
    )


def fact_record(offset: int = 7, **changed: object) -> FactRecord:
    fields = {
        "type": FACT.type,
        "customer_id": FACT.customer_id,
        "source": FACT.source,
        "id": FACT.id,
        "time": FACT.time + 123_456,
        "day": DAY,
        "appended": NOON,
        "data": FACT.data,
        **changed,
    }
    digest = codec.digest_of_fields(offset, *fields.values())  # type: ignore[arg-type]  # mixed fields
    return FactRecord(offset, *fields.values(), digest)  # type: ignore[arg-type]  # mixed fields


MARK = fact_record(
    type="crm.emitting.v1", customer_id=None, source=None, id=None, day=None, data=b"{}"
)


@pytest.mark.parametrize(
    "record",
    [
        fact_record(),
        fact_record(source="Läden", id="№ 1"),
        fact_record(time=-1),
        fact_record()._replace(traceparent=VALID),
        MARK,
    ],
    ids=["fact", "any letters", "before 1970", "traced", "mark"],
)
def test_a_fact_comes_back_as_it_went_with_the_same_digest(record: FactRecord) -> None:
    found = fact_of(consumed(fact_message(3, record, "mark-1")))

    assert found == record
    assert found.digest == found.computed_digest()


def test_a_fact_is_a_cloud_event_keyed_by_its_customer() -> None:
    message = fact_message(3, fact_record(time=FACT.time), "unused")

    assert message == Message(
        FACTS,
        3,
        id_of("anna").encode(),
        FACT.data,
        [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_type", b"crm.order.placed.v1"),
            ("ce_id", b"order anna 15000"),
            ("ce_source", b"shop"),
            ("ce_time", b"2011-01-26T12:00:00+00:00"),
            ("ce_day", b"2011-01-26"),
        ],
    )


def test_a_mark_is_a_cloud_event_without_a_key() -> None:
    message = fact_message(3, MARK, "mark-1")

    assert message.key is None
    headers = dict(message.headers)
    assert (headers["ce_id"], headers["ce_source"]) == (b"mark-1", b"/holdfast")
    assert "ce_day" not in headers


def test_a_control_record_comes_back_as_it_went() -> None:
    fields = (7, "crm.clock.mode-set.v1", NOON, b'{"mode":"log"}')
    record = ControlRecord(*fields, codec.digest_of_fields(*fields))

    message = control_message(record, "control-1")

    assert (message.topic, message.partition, message.key) == (CONTROL, 0, None)
    assert control_of(consumed(message)) == record


@pytest.mark.parametrize(("customer", "day"), [(id_of("anna"), DAY), (None, None)])
def test_an_output_comes_back_as_it_went(customer: object, day: int | None) -> None:
    output = Output(SIGNALS, 100, "crm.customer.placed.v1", customer, day, Emission.LIVE, b"{}")  # type: ignore[arg-type]  # a customer id or none

    message = output_message("first", 5, output)

    assert message.partition == 5
    assert dict(message.headers)["ce_id"] == b"first:5:0000000000000000100"
    assert output_of(consumed(message)) == OutputRecord.of(output, 7, "first", 5, NOON)


def test_an_output_bears_the_trace_of_its_fact_in_a_header_of_its_own() -> None:
    output = Output(SIGNALS, 1, "t", None, None, Emission.LIVE, b"", VALID)

    assert ("traceparent", VALID.encode()) in output_message("first", 5, output).headers


def test_a_wrong_trace_in_the_log_is_none() -> None:
    message = fact_message(3, fact_record()._replace(traceparent="\xff"), "")

    assert fact_of(consumed(message)) == fact_record()


def test_a_dead_letter_comes_back_with_its_bytes() -> None:
    letter = DeadLetter("9f" * 16, "shop", "invalid", "Expected int", "$.x", "mend", NOON, b"\xff{")

    message = letter_message(letter)

    assert (message.topic, message.key, message.value) == (DEAD_LETTERS, b"shop", b"\xff{")
    assert letter_of(consumed(message)) == letter


@pytest.mark.parametrize(
    "broken",
    [
        Message(FACTS, 3, b"key", b"{}", []),
        Message(FACTS, 3, b"key", b"{}", [("ce_type", b"\xff")]),
        fact_message(3, fact_record(), "")._replace(
            headers=[
                (name, b"yesterday" if name == "ce_time" else value)
                for name, value in fact_message(3, fact_record(), "").headers
            ]
        ),
    ],
    ids=["no attributes", "no UTF-8", "no time"],
)
def test_what_somebody_else_wrote_is_refused_by_its_place(broken: Message) -> None:
    with pytest.raises(DamagedMessageError, match=r"crm\.facts partition 3 offset 7"):
        fact_of(consumed(broken))


def test_digests_tell_where_a_record_stands() -> None:
    message = fact_message(3, fact_record(), "")

    assert fact_of(consumed(message, 7)).digest != fact_of(consumed(message, 8)).digest


def test_a_letter_without_an_id_is_refused() -> None:
    with pytest.raises(DamagedMessageError):
        letter_of(consumed(Message(DEAD_LETTERS, 0, None, b"", [])))


def test_an_output_without_a_sequence_is_refused() -> None:
    output = Output(SIGNALS, 1, "t", None, None, Emission.LIVE, b"")
    message = output_message("first", 0, output)
    headers = [pair for pair in message.headers if pair[0] != "ce_sequence"]

    with pytest.raises(DamagedMessageError):
        output_of(consumed(message._replace(headers=headers)))


def test_a_header_is_found_by_its_name() -> None:
    message = consumed(fact_message(3, fact_record(), ""))

    assert message.header("ce_day") == b"2011-01-26"
    assert message.header("ce_none") is None
