"""Canonical bytes: what is written is read back the same, and equal values give equal bytes."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import codec
from events.catalogue import REGISTRY
from events.customers import CustomerRegistered
from events.orders import OrderLine, OrderPlaced
from events.values import CustomerKind, CustomerRef, Money, Quantity
from tests.unit.events.strategies import values_of

NAMES = sorted(REGISTRY.types)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_every_type_survives_being_written_and_read(name: str, data: st.DataObject) -> None:
    event = data.draw(values_of(REGISTRY.types[name].struct))

    written = codec.encode(event)

    assert REGISTRY.decode(name, written) == event
    assert codec.encode(REGISTRY.decode(name, written)) == written


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_order_in_which_a_sender_writes_fields_leaves_no_trace(
    name: str, data: st.DataObject
) -> None:
    event = data.draw(values_of(REGISTRY.types[name].struct))
    backwards = json.dumps(_turned_round(json.loads(codec.encode(event))), indent=1).encode()

    assert codec.encode(REGISTRY.decode(name, backwards)) == codec.encode(event)


def _turned_round(value: object) -> object:
    if isinstance(value, dict):
        return {key: _turned_round(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [_turned_round(item) for item in value]
    return value


def test_fields_stand_in_their_declared_order_without_white_space() -> None:
    order = OrderPlaced(
        customer=CustomerRef("shop", "17850"),
        order_id="536365",
        total=Money(1530, "GBP"),
        lines=(OrderLine("85123A", Quantity(6.0, "piece"), 1530),),
    )

    assert codec.encode(order) == (
        b'{"customer":{"system":"shop","key":"17850"},"order_id":"536365",'
        b'"total":{"amount":1530,"currency":"GBP"},'
        b'"lines":[{"sku":"85123A","quantity":{"value":6.0,"unit":"piece"},"amount":1530}]}'
    )


def test_a_field_left_out_and_a_field_sent_as_null_are_the_same_fact() -> None:
    left_out = b'{"customer":{"system":"shop","key":"1"},"kind":"vip"}'
    sent_null = b'{"customer":{"system":"shop","key":"1"},"kind":"vip","tier":null,"name":null}'

    first = REGISTRY.decode("crm.customer.registered.v1", left_out)
    second = REGISTRY.decode("crm.customer.registered.v1", sent_null)

    assert first == second == CustomerRegistered(CustomerRef("shop", "1"), CustomerKind.VIP)
    assert codec.encode(first) == codec.encode(second) == left_out


def test_a_whole_number_sent_for_a_measure_is_the_same_as_its_decimal() -> None:
    whole = REGISTRY.decode("crm.usage.recorded.v1", _usage("2"))
    decimal = REGISTRY.decode("crm.usage.recorded.v1", _usage("2.0"))
    exponent = REGISTRY.decode("crm.usage.recorded.v1", _usage("20e-1"))

    assert codec.encode(whole) == codec.encode(decimal) == codec.encode(exponent) == _usage("2.0")


def _usage(value: str) -> bytes:
    return (
        b'{"customer":{"system":"probe","key":"1"},"service":"mobile-data",'
        b'"quantity":{"value":%s,"unit":"GB"}}' % value.encode()
    )


def test_text_beyond_ascii_is_written_as_itself() -> None:
    ref = CustomerRef("shop", "客户-17850")

    assert codec.encode(ref) == '{"system":"shop","key":"客户-17850"}'.encode()


def test_an_escaped_character_and_the_character_itself_are_the_same_fact() -> None:
    plain = '{"customer":{"system":"shop","key":"é"},"kind":"vip"}'.encode()
    escaped = b'{"customer":{"system":"shop","key":"\\u00e9"},"kind":"vip"}'

    first = REGISTRY.decode("crm.customer.registered.v1", plain)
    second = REGISTRY.decode("crm.customer.registered.v1", escaped)

    assert codec.encode(first) == codec.encode(second)


def test_a_digest_is_sixteen_bytes() -> None:
    assert len(codec.digest(b"a")) == codec.DIGEST_BYTES == 16
    assert len(codec.digest_of_fields("a")) == 16


def test_digests_never_change_from_one_release_to_the_next() -> None:
    assert codec.digest(b"shop", b"536365").hex() == "000e2780a7606c108a7bbbfba41ae3de"
    assert (
        codec.digest_of_fields("shop", 15000, b"{}", None).hex()
        == "124e238070a8e38ed3e2f5f555b02ca1"
    )


def test_bytes_cannot_slide_from_one_part_of_a_digest_to_the_next() -> None:
    assert codec.digest(b"ab", b"c") != codec.digest(b"a", b"bc")
    assert codec.digest(b"abc") != codec.digest(b"abc", b"")
    assert codec.digest() != codec.digest(b"")


def test_nothing_and_empty_and_zero_have_different_digests() -> None:
    fields = [(None,), ("",), (0,), (b"",), (), ("0",), (None, None)]

    digests = {codec.digest_of_fields(*each) for each in fields}

    assert len(digests) == len(fields)


scalars = st.one_of(st.none(), st.text(max_size=8), st.binary(max_size=8), st.integers(-99, 99))


@given(st.lists(scalars, max_size=4), st.lists(scalars, max_size=4))
def test_different_fields_have_different_digests(left: list[object], right: list[object]) -> None:
    same = codec.digest_of_fields(*left) == codec.digest_of_fields(*right)

    assert same == (left == right)


def test_a_date_is_written_as_a_calendar_date() -> None:
    opened = REGISTRY.decode("crm.day.opened.v1", b'{"day":"2011-01-26"}')

    assert opened.day == datetime.date(2011, 1, 26)
    assert codec.encode(opened) == b'{"day":"2011-01-26","feeds":[]}'
