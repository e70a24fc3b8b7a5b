"""Every reason for which the door refuses, each with the field it names."""

import json
from pathlib import Path

import pytest

from events.catalogue import REGISTRY
from events.paths import money_paths, written
from events.registry import Role
from infra.log.records import NewFact
from schemas import generate
from services.ingest.door import Door, Refusal, RefusalReason
from tests.unit.ingest.door_given import LONDON, ORDER, REGISTERED, USAGE, at, event, head

EXAMPLES = Path(generate.__file__).parent / "examples"
DOOR = Door(LONDON)
NOW = DOOR.now(head(), at("2026-03-14T12:00:00+00:00"))


def refusal_of(type_name: str, data: bytes) -> Refusal:
    refusal = DOOR.admit(event(type_name, data), NOW)
    assert isinstance(refusal, Refusal)
    return refusal


def test_a_reason_is_never_renamed() -> None:
    assert [reason.value for reason in RefusalReason] == [
        "malformed",
        "missing",
        "media-type",
        "too-large",
        "too-slow",
        "unknown-type",
        "invalid",
        "wrong-currency",
        "future",
        "too-late",
        "too-old",
        "conflict",
    ]


def test_an_unknown_type_is_refused() -> None:
    assert refusal_of("crm.usage.recorded.v99", USAGE) == Refusal(
        RefusalReason.UNKNOWN_TYPE,
        "$.type",
        "'crm.usage.recorded.v99' is not a fact type of this release",
        "see schemas/ for the types there are",
    )


@pytest.mark.parametrize(
    "type_name",
    sorted(
        entry.name
        for entry in REGISTRY.types.values()
        if entry.role in {Role.MARK, Role.CONTROL, Role.OUTPUT}
    ),
)
def test_marks_control_records_and_signals_do_not_come_from_outside(type_name: str) -> None:
    assert refusal_of(type_name, b"{}").reason is RefusalReason.UNKNOWN_TYPE


@pytest.mark.parametrize(
    ("type_name", "data", "field", "detail"),
    [
        ("crm.usage.recorded.v1", b"[]", "$.data", "Expected `object`, got `array`"),
        ("crm.usage.recorded.v1", b"null", "$.data", "Expected `object`, got `null`"),
        (
            "crm.usage.recorded.v1",
            b"{}",
            "$.data.customer",
            "Object missing required field `customer`",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b'"key":"17850"', b'"key":17850'),
            "$.data.customer.key",
            "Expected `str`, got `int`",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b'"key":"17850"', b'"key":"17850","vip":true'),
            "$.data.customer.vip",
            "Object contains unknown field `vip`",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b"1.5", b"-1.5"),
            "$.data.quantity.value",
            "Expected `float` >= 0.0",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b"1.5", b"1e999"),
            "$.data.quantity.value",
            "Number out of range",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b"1.5", b'"1.5"'),
            "$.data.quantity.value",
            "Expected `float`, got `str`",
        ),
        (
            "crm.usage.recorded.v1",
            USAGE.replace(b"1.5", b"[" * 5000 + b"]" * 5000),
            "$.data.quantity.value",
            "Expected `float`, got `array`",
        ),
        (
            "crm.order.placed.v1",
            ORDER.replace(b"13912", b"139.12"),
            "$.data.total.amount",
            "Expected `int`, got `float`",
        ),
        (
            "crm.order.placed.v1",
            ORDER.replace(b"13912", b"-1"),
            "$.data.total.amount",
            "Expected `int` >= 0",
        ),
        (
            "crm.customer.registered.v1",
            REGISTERED.replace(b"individual", b"martian"),
            "$.data.kind",
            "Invalid enum value 'martian'",
        ),
    ],
)
def test_a_wrong_field_is_named(type_name: str, data: bytes, field: str, detail: str) -> None:
    assert refusal_of(type_name, data) == Refusal(
        RefusalReason.INVALID, field, detail, "see the type's JSON Schema in schemas/"
    )


def test_a_wrong_field_of_a_line_is_named_by_its_place() -> None:
    line = b'{"sku":"85123A","quantity":{"value":6,"unit":"piece"},"amount":1530}'
    wrong = line.replace(b":6,", b":-6,")

    refusal = refusal_of(
        "crm.order.placed.v1", ORDER[:-1] + b',"lines":[' + line + b"," + wrong + b"]}"
    )

    assert refusal.field == "$.data.lines[1].quantity.value"


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "Input data was truncated"),
        (USAGE[:-9], "Input data was truncated"),
        (b"\x00\x01\x02", "JSON is malformed: invalid character (byte 0)"),
        (
            USAGE.replace(b"1.5", b"NaN"),
            "JSON is malformed: invalid character (byte 91)",
        ),
        (
            USAGE.replace(b"1.5", b"Infinity"),
            "JSON is malformed: invalid character (byte 91)",
        ),
        (USAGE + USAGE, "JSON is malformed: trailing characters (byte 109)"),
        (
            USAGE.replace(b"17850", b"\xff"),
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        (
            USAGE.replace(b"17850", b"\\ud800"),
            "JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 45)",
        ),
    ],
)
def test_data_that_is_not_json_is_malformed(data: bytes, detail: str) -> None:
    assert refusal_of("crm.usage.recorded.v1", data) == Refusal(
        RefusalReason.MALFORMED, "$.data", detail, "send JSON in UTF-8 as RFC 8259 has it"
    )


def test_an_order_in_another_currency_is_refused() -> None:
    assert refusal_of("crm.order.placed.v1", ORDER.replace(b"GBP", b"EUR")) == Refusal(
        RefusalReason.WRONG_CURRENCY,
        "$.data.total.currency",
        "this log keeps GBP, not EUR",
        "convert the amount to GBP before sending it",
    )


def test_a_return_in_another_currency_is_refused() -> None:
    returned = ORDER.replace(b"GBP", b"EUR").replace(b"order_id", b"return_id")

    refusal = refusal_of("crm.order.returned.v1", returned)

    assert refusal.reason is RefusalReason.WRONG_CURRENCY


RESOLVED = (
    b'{"customer":{"system":"shop","key":"17850"},"complaint_id":"90117","resolution":"refund",'
    b'"compensation":{"amount":1530,"currency":"GBP"}}'
)
RESOLVED_WITH_WORDS = RESOLVED.partition(b',"compensation"')[0] + b"}"


def test_a_compensation_in_another_currency_is_refused() -> None:
    assert refusal_of("crm.complaint.resolved.v1", RESOLVED.replace(b"GBP", b"EUR")) == Refusal(
        RefusalReason.WRONG_CURRENCY,
        "$.data.compensation.currency",
        "this log keeps GBP, not EUR",
        "convert the amount to GBP before sending it",
    )


@pytest.mark.parametrize("data", [RESOLVED, RESOLVED_WITH_WORDS])
def test_a_resolution_is_let_in_with_a_compensation_of_the_log_and_without(data: bytes) -> None:
    assert isinstance(DOOR.admit(event("crm.complaint.resolved.v1", data), NOW), NewFact)


@pytest.mark.parametrize("name", sorted(REGISTRY.facts))
def test_every_money_of_every_fact_is_held_to_the_currency_of_the_log(name: str) -> None:
    for path in money_paths(REGISTRY.types[name].struct):
        example = (EXAMPLES / f"{name}.json").read_bytes()
        data = json.dumps(json.loads(example)["data"]).encode()

        refusal = refusal_of(name, data.replace(b"GBP", b"EUR"))

        assert refusal.reason is RefusalReason.WRONG_CURRENCY
        assert refusal.field == f"$.data{written(path)[1:]}.currency"


def test_what_the_door_lets_in_is_resolved_stamped_and_canonical() -> None:
    spaced = USAGE.replace(b":", b" : ").replace(b",", b" ,\n")

    fact = DOOR.admit(event(data=spaced), NOW)

    assert fact == NewFact(
        type="crm.usage.recorded.v1",
        customer_id=DOOR.resolve(REGISTRY.decode("crm.usage.recorded.v1", USAGE).customer),
        source="billing",
        id="u-1",
        time=at("2026-03-14T09:26:53+00:00"),
        day=20526,
        data=USAGE,
    )


def test_the_same_customer_of_two_systems_is_two_customers_of_one_log() -> None:
    shop = DOOR.admit(event(data=USAGE.replace(b"billing", b"shop")), NOW)
    billing = DOOR.admit(event(data=USAGE), NOW)

    assert isinstance(shop, NewFact)
    assert isinstance(billing, NewFact)
    assert shop.customer_id != billing.customer_id
