"""The limits of every value: what is refused, with the path of the field in the message."""

import msgspec
import pytest

from events.catalogue import REGISTRY
from events.codec import encode
from events.values import CustomerRef, Money, Quantity

TOP = b"10000000000000"


def order(total: bytes = b'{"amount":1,"currency":"GBP"}', lines: bytes = b"[]") -> bytes:
    return b'{"customer":{"system":"shop","key":"1"},"order_id":"7","total":%s,"lines":%s}' % (
        total,
        lines,
    )


def line(amount: bytes = b"1", quantity: bytes = b'{"value":1.0,"unit":"piece"}') -> bytes:
    return b'[{"sku":"A","quantity":%s,"amount":%s}]' % (quantity, amount)


def refusal_of_order(data: bytes) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        REGISTRY.decode("crm.order.placed.v1", data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (b"-1", "Expected `int` >= 0 - at `$.total.amount`"),
        (b"10000000000001", "Expected `int` <= 10000000000000 - at `$.total.amount`"),
        (b"9" * 400, "Expected `int` <= 10000000000000 - at `$.total.amount`"),
        (b"1.5", "Expected `int`, got `float` - at `$.total.amount`"),
        (b"1.0", "Expected `int`, got `float` - at `$.total.amount`"),
        (b"1e3", "Expected `int`, got `float` - at `$.total.amount`"),
        (b"1e400", "Number out of range - at `$.total.amount`"),
        (b'"1"', "Expected `int`, got `str` - at `$.total.amount`"),
        (b"true", "Expected `int`, got `bool` - at `$.total.amount`"),
        (b"null", "Expected `int`, got `null` - at `$.total.amount`"),
        (b"[1]", "Expected `int`, got `array` - at `$.total.amount`"),
    ],
)
def test_money_is_a_whole_number_of_minor_units_within_its_limits(
    amount: bytes, message: str
) -> None:
    assert refusal_of_order(order(b'{"amount":%s,"currency":"GBP"}' % amount)) == message


@pytest.mark.parametrize("amount", [b"0", b"-0", TOP])
def test_money_takes_both_ends_of_its_range(amount: bytes) -> None:
    event = REGISTRY.decode(
        "crm.order.placed.v1", order(b'{"amount":%s,"currency":"GBP"}' % amount)
    )

    assert event.total == Money(int(amount), "GBP")


@pytest.mark.parametrize("currency", ["gbp", "GB", "GBPP", "G8P", "", "£", " GBP", "GBP "])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    message = refusal_of_order(order(msgspec.json.encode({"amount": 1, "currency": currency})))

    assert message == "Expected `str` matching regex '^[A-Z]{3}$(?!\\\\n)' - at `$.total.currency`"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"-0.5", "Expected `float` >= 0.0 - at `$.quantity.value`"),
        (b"-1", "Expected `float` >= 0.0 - at `$.quantity.value`"),
        (b"1e16", "Expected `float` <= 1000000000000000.0 - at `$.quantity.value`"),
        (b"1e400", "Number out of range - at `$.quantity.value`"),
        (b'"NaN"', "Expected `float`, got `str` - at `$.quantity.value`"),
    ],
)
def test_a_quantity_is_never_negative_nor_beyond_all_measure(value: bytes, message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        REGISTRY.decode(
            "crm.usage.recorded.v1",
            b'{"customer":{"system":"probe","key":"1"},"service":"voice",'
            b'"quantity":{"value":%s,"unit":"min"}}' % value,
        )

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "literal", [b"NaN", b"Infinity", b"-Infinity", b"nan", b"01", b"+1", b".5"]
)
def test_what_json_does_not_know_as_a_number_is_garbage(literal: bytes) -> None:
    with pytest.raises(msgspec.DecodeError, match="malformed"):
        msgspec.json.decode(b'{"value":%s,"unit":"GB"}' % literal, type=Quantity)


def test_the_path_of_a_wrong_line_says_that_it_is_a_line() -> None:
    assert refusal_of_order(order(lines=line(amount=b"-5"))) == (
        "Expected `int` >= 0 - at `$.lines[0].amount`"
    )
    assert refusal_of_order(order(lines=line(quantity=b'{"value":1,"unit":""}'))).endswith(
        "at `$.lines[0].quantity.unit`"
    )


def test_an_order_has_at_most_five_thousand_lines() -> None:
    one = line()[1:-1]
    five_thousand = b"[" + b",".join([one] * 5000) + b"]"
    one_more = b"[" + b",".join([one] * 5001) + b"]"

    assert len(REGISTRY.decode("crm.order.placed.v1", order(lines=five_thousand)).lines) == 5000
    assert refusal_of_order(order(lines=one_more)).endswith("of length <= 5000 - at `$.lines`")


@pytest.mark.parametrize("character", ["\x00", "\x07", "\t", "\r", "\n", "\x1b", "\x7f"])
def test_a_key_holds_no_control_characters(character: str) -> None:
    data = msgspec.json.encode({"system": "shop", "key": f"178{character}50"})

    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.key`"):
        msgspec.json.decode(data, type=CustomerRef)


@pytest.mark.parametrize(
    ("key", "accepted"), [("", False), ("k", True), ("k" * 128, True), ("k" * 129, False)]
)
def test_a_key_has_between_one_and_one_hundred_and_twenty_eight_characters(
    key: str, accepted: bool
) -> None:
    assert _accepts({"system": "shop", "key": key}, CustomerRef) is accepted


@pytest.mark.parametrize(
    ("unit", "accepted"),
    [("GB", True), ("min", True), ("m/s", True), ("%", False), ("GB ", False), ("k" * 17, False)],
)
def test_a_unit_is_a_short_word(unit: str, accepted: bool) -> None:
    assert _accepts({"value": 1.0, "unit": unit}, Quantity) is accepted


@pytest.mark.parametrize(
    ("service", "accepted"),
    [
        ("mobile-data", True),
        ("5g.roaming_eu", True),
        ("Mobile", False),
        ("-data", False),
        ("", False),
        ("s" * 24, True),
        ("s" * 25, False),
    ],
)
def test_a_service_is_a_code_in_small_letters(service: str, accepted: bool) -> None:
    usage = {
        "customer": {"system": "probe", "key": "1"},
        "service": service,
        "quantity": {"value": 1.0, "unit": "GB"},
    }

    assert _accepts(usage, REGISTRY.types["crm.usage.recorded.v1"].struct) is accepted


@pytest.mark.parametrize(
    ("account", "accepted"),
    [("ACC-0042", True), ("ACC 0042", False), ("", False), ("客户", False), ("A" * 41, False)],
)
def test_an_account_is_a_code_without_blanks(account: str, accepted: bool) -> None:
    assigned = {"customer": {"system": "shop", "key": "1"}, "root_account": account}

    assert _accepts(assigned, REGISTRY.types["crm.account.assigned.v1"].struct) is accepted


def _accepts(value: dict[str, object], struct: type[msgspec.Struct]) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(value), type=struct)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "struct"),
    [
        ({"amount": 1, "currency": "GBP\n"}, Money),
        ({"value": 1.0, "unit": "GB\n"}, Quantity),
        ({"system": "shop", "key": "17850\n"}, CustomerRef),
    ],
)
def test_a_line_feed_at_the_end_is_refused_like_any_other(
    value: dict[str, object], struct: type[msgspec.Struct]
) -> None:
    assert not _accepts(value, struct)


def test_a_kind_of_customer_that_is_not_known_is_refused() -> None:
    with pytest.raises(
        msgspec.ValidationError, match=r"Invalid enum value 'robot' - at `\$\.kind`"
    ):
        REGISTRY.decode(
            "crm.customer.registered.v1",
            b'{"customer":{"system":"shop","key":"1"},"kind":"robot"}',
        )


def test_personal_text_has_at_most_five_hundred_characters() -> None:
    registered = {"customer": {"system": "shop", "key": "1"}, "kind": "vip"}
    struct = REGISTRY.types["crm.customer.registered.v1"].struct

    assert _accepts({**registered, "name": "n" * 500}, struct)
    assert not _accepts({**registered, "name": "n" * 501}, struct)


def test_a_field_that_is_not_known_is_refused_rather_than_lost() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"unknown field `discount` - at `\$\.total`"):
        REGISTRY.decode("crm.order.placed.v1", order(b'{"amount":1,"currency":"GBP","discount":1}'))


@pytest.mark.parametrize("missing", ["customer", "order_id", "total"])
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    fields = msgspec.json.decode(order())
    del fields[missing]

    assert refusal_of_order(msgspec.json.encode(fields)) == (
        f"Object missing required field `{missing}`"
    )


@pytest.mark.parametrize("data", [b"", b"{", b'{"total":', b'"', b'{"a":1}}', b"{}x", b"\x00\xff"])
def test_truncated_json_and_garbage_are_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        REGISTRY.decode("crm.order.placed.v1", data)


@pytest.mark.parametrize("data", [b"null", b"[]", b"1", b'"order"', b"true"])
def test_what_is_not_an_object_is_no_event(data: bytes) -> None:
    assert refusal_of_order(data).startswith("Expected `object`")


def test_invalid_utf8_is_refused() -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        msgspec.json.decode(b'{"system":"shop","key":"\xff\xfe"}', type=CustomerRef)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'{"system":"shop","key":"\\ud800"}', type=CustomerRef)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_where_a_value_is_wanted_is_refused_at_its_first_bracket(
    opening: bytes,
) -> None:
    message = refusal_of_order(order(total=opening * 100_000))

    assert "at `$.total" in message or "unknown field" in message


def test_a_money_value_that_was_read_is_written_back_the_same() -> None:
    assert encode(msgspec.json.decode(b'{"amount":%s,"currency":"CNY"}' % TOP, type=Money)) == (
        b'{"amount":10000000000000,"currency":"CNY"}'
    )


def test_minus_zero_is_written_as_the_zero_that_it_equals() -> None:
    minus_zero = msgspec.json.decode(b'{"value": -0.0, "unit": "GB"}', type=Quantity)

    assert encode(minus_zero) == encode(Quantity(0.0, "GB"))
