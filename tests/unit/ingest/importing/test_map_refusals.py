"""Whatever is wrong in a map is refused with file and line before any data is read."""

from pathlib import Path

import pytest

from services.ingest.importing.map_file import MapError, load_map, map_digest
from tests.unit.ingest.importing.import_given import SHOP_MAP, USAGE_MAP, map_of, write


def refusal(folder: Path, text: str) -> str:
    """The message by which a map is refused, without the folder in front of it."""
    path = write(folder, "shop.map.yaml", text)
    with pytest.raises(MapError) as caught:
        load_map(path)
    message = str(caught.value)
    assert message.startswith(f"{folder}/shop.map.yaml:")
    assert "; " in message, "a message says how to mend"
    return message.removeprefix(f"{folder}/")


def line_of(text: str, part: str) -> int:
    """The line on which a part of the map stands."""
    return text[: text.index(part)].count("\n") + 1


REFUSED = {
    "an unknown top-level key": ("source: shop\n", "source: shop\nspeed: 9\n", "speed: 9", "speed"),
    "an unknown key of a column": ("strip_suffix:", "strip_sufix:", "strip_sufix", "strip_sufix"),
    "an unknown key of a fact": ("    group_by: [Customer]", "    groupby: [Customer]", "groupby", "groupby"),
    "an unknown column type": ("Price: decimal", "Price: number", "Price: number", "number"),
    "an unknown time zone": ('timezone: Europe/London}\n  Customer', 'timezone: Europe/Lundon}\n  Customer', "Lundon", "no time zone 'Europe/Lundon'"),
    "a format without a day": ("%Y-%m-%d %H:%M", "%H:%M", '"%H:%M"', "does not hold year, month and day"),
    "an unknown fact type": ("crm.order.placed.v1", "crm.order.place.v1", "crm.order.place.v1", "unknown fact type 'crm.order.place.v1'"),
    "an output as a fact type": ("crm.order.placed.v1", "crm.risk.standing.v1", "crm.risk.standing.v1", "unknown fact type"),
    "an unknown column in a condition": ("when: {column: Customer, empty", "when: {column: Custmer, empty", "Custmer", "unknown column 'Custmer'"),
    "an unknown column in group_by": ("group_by: [Customer]", "group_by: [Costumer]", "Costumer", "unknown column 'Costumer'"),
    "an unknown column in an id": ('id: "customer:{Customer}"', 'id: "customer:{Kustomer}"', "Kustomer", "unknown column 'Kustomer'"),
    "an unknown column in the data": ("region: {$column: Country}", "region: {$column: Land}", "Land", "unknown column 'Land'"),
    "an unknown column in money": ("amount: {$money: [Pieces, Price]}", "amount: {$money: [Pieces, Cost]}", "Cost", "unknown column 'Cost'"),
    "an unknown field": ("region: {$column", "regions: {$column", "regions", "CustomerRegistered has no 'regions'"),
    "an unknown field in a line": ("          sku:", "          article:", "article", "OrderLine has no 'article'"),
    "a missing field": ("      order_id: {$column: Invoice}\n", "", "    data:\n      customer: {system: shop, key: {$column: Customer}}\n      total", "OrderPlaced needs 'order_id'"),
    "a constant of the wrong kind": ("kind: individual", "kind: someone", "kind: someone", "kind cannot be 'someone'"),
    "a wrong currency code": ("currency: GBP\n      lines", "currency: pounds\n      lines", "pounds", "total.currency cannot be 'pounds'"),
    "a number for a text field": ("unit: piece", "unit: 7", "unit: 7", "unit cannot be 7"),
    "text where a number belongs": ("value: {$column: Pieces}", "value: {$column: Sku}", "value: {$column: Sku}", "takes decimal or integer, not text"),
    "money out of text": ("amount: {$money: [Pieces, Price]}", "amount: {$money: [Pieces, Sku]}", "[Pieces, Sku]", "column 'Sku' is text, not a number"),
    "a struct where one value belongs": ("region: {$column: Country}", "region: {name: x}", "region: {name", "region has no fields"),
    "lines where there is no list": ("region: {$column: Country}", "region: {$lines: {a: b}}", "region: {$lines", "region is no list"),
    "lines within lines": ("sku: {$column: Sku}", "sku: {$sum: {$column: Pieces}}", "sku: {$sum", "cannot stand inside $lines"),
    "a sum of a constant": ("amount: {$sum: {$money: [Pieces, Price]}}", "amount: {$sum: 5}", "$sum: 5", "$sum adds up"),
    "an unknown instruction": ("region: {$column: Country}", "region: {$colunm: Country}", "$colunm", "unknown instruction '$colunm'"),
    "an option that an instruction does not have": ("{$column: Country}", "{$column: Country, round: up}", "round", "$column does not know 'round'"),
    "an absolute that is no boolean": ("{$column: Pieces}", "{$column: Pieces, absolute: 1}", "absolute: 1", "absolute is true or false"),
    "a list written out": ("region: {$column: Country}", "region: [a]", "region: [a]", "a list cannot be written out"),
    "an id without what is grouped by": ('id: "order:{Invoice}:{Customer}"', 'id: "order:{Invoice}"', '"order:{Invoice}"', "leaves out 'Customer'"),
    "an id of a column that may differ": ('id: "customer:{Customer}"', 'id: "customer:{Customer}{Sku}"', "{Sku}", "column 'Sku' may differ"),
    "an id of a line for a group": ('id: "customer:{Customer}"', 'id: "customer:{Customer}{$line}"', "{$line}", "means nothing for a group"),
    "a brace without its partner": ('id: "customer:{Customer}"', 'id: "customer:{Customer"', "{Customer\"", "a brace without its partner"),
    "a customer that may differ within a group": ("group_by: [Invoice, Customer]\n    id: \"order:{Invoice}:{Customer}\"", "group_by: [Invoice]\n    id: \"order:{Invoice}\"", "customer: {system: shop, key: {$column: Customer}}\n      order_id", "lines of several Customer"),
    "a time that is no time": ("    time: Date\n    data:\n      customer: {system: shop, key: {$column: Customer}}\n      kind", "    time: Invoice\n    data:\n      customer: {system: shop, key: {$column: Customer}}\n      kind", "time: Invoice", "'Invoice' is not declared as time"),
    "a condition with two tests": ("starts_with: C}\n", "starts_with: C, ends_with: D}\n", "when: {column: Invoice, starts_with", "a condition is a column with one of"),
    "a number test of a text": ("when: {column: Customer, empty: true}", "when: {column: Customer, above: 1}", "above", "column 'Customer' is text, not a number"),
    "a number compared with a text column": ("when: {column: Customer, empty: true}", "when: {column: Customer, equals: 5}", "equals: 5", "5 can never equal a text"),
    "a beginning of a number": ("when: {column: Customer, empty: true}", "when: {column: Pieces, starts_with: '1'}", "starts_with: '1'", "no beginning"),
    "a test of a time": ("when: {column: Customer, empty: true}", "when: {column: Date, equals: x}", "column: Date, equals", "can only be tested by empty"),
    "a reason with blanks": ("reason: no-customer", "reason: No customer!", "No customer!", "String should match"),
    "a missing key": ("source: shop\n", "", "log:", "'source' is missing"),
    "a key twice": ("source: shop\n", "source: shop\nsource: shop\n", "source: shop\nlog", "duplicate key"),
    "broken YAML": ("skip:\n", "skip: [\n", "skip: [\n  - reason", ""),
    "a bare date": ("kind: individual", "kind: 2011-01-01", "kind: 2011-01-01", "put it into quotes"),
    "an encoding there is not": ("source: shop\n", "source: shop\ncsv: {encoding: utf-99}\n", "utf-99", "encoding 'utf-99' cannot be read"),
    "an encoding of two bytes a character": ("source: shop\n", "source: shop\ncsv: {encoding: utf-16}\n", "utf-16", "encoding 'utf-16' cannot be read"),
    "a delimiter of two characters": ("source: shop\n", "source: shop\ncsv: {delimiter: ';;'}\n", "';;'", "at most 1 character"),
    "decimal mark and thousands alike": ("Price: decimal", "Price: {type: decimal, decimal_mark: ',', thousands: ','}", "decimal_mark", "must differ"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_map_is_refused_on_its_line(what: str, tmp_path: Path) -> None:
    right, wrong, place, expected = REFUSED[what]
    text = SHOP_MAP.replace(right, wrong, 1)
    assert text != SHOP_MAP

    message = refusal(tmp_path, text)

    assert expected in message
    named = int(message.split(":")[1])
    if expected:
        assert named == line_of(text, place)


def test_yaml_that_breaks_off_is_refused_where_it_does(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'source: "shop\n').startswith("shop.map.yaml:2: ")


def test_a_map_that_is_a_list_is_refused(tmp_path: Path) -> None:
    assert "must be a YAML mapping" in refusal(tmp_path, "- a\n- b\n")


def test_an_empty_map_is_refused(tmp_path: Path) -> None:
    assert "must be a YAML mapping" in refusal(tmp_path, "")


def test_a_map_in_another_encoding_is_refused_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.map.yaml"
    path.write_bytes(b"source: shop\n# caf\xe9\n")

    with pytest.raises(MapError, match=r"shop\.map\.yaml:2: is not UTF-8 text; save the map"):
        load_map(path)


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"none\.yaml:1: cannot be read \(No such file"):
        load_map(tmp_path / "none.yaml")


ENDLESS = {
    "contains itself": "facts: &a [*a]\n",
    "nests without end": "facts: " + "[" * 700 + "]" * 700 + "\n",
    "holds a control character": "source: \x00\n",
    "asks for a Python object": "source: !!python/object:os.system x\n",
    "holds two documents": "a: 1\n---\nb: 2\n",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_yaml_that_is_no_plain_document_is_refused(what: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, ENDLESS[what]).startswith("shop.map.yaml:")


def test_lines_without_group_need_an_id_of_their_own(tmp_path: Path) -> None:
    message = refusal(tmp_path, USAGE_MAP.replace('"usage:{Id}"', '"usage:{$time}"'))

    assert "every line would bear the same id" in message
    assert "{$file}:{$line}" in message


def test_an_id_may_be_made_of_file_and_line(tmp_path: Path) -> None:
    text = USAGE_MAP.replace('"usage:{Id}"', '"{$file}:{$line}"')

    assert map_of(tmp_path, text).facts[0].id == "{$file}:{$line}"


def test_a_map_in_utf_8_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.map.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SHOP_MAP.encode())

    assert load_map(path).source == "shop"


def test_comments_and_layout_leave_the_digest_of_a_map_alone(tmp_path: Path) -> None:
    plain = map_of(tmp_path, USAGE_MAP)
    spaced = map_of(tmp_path, "# what the network sends\n\n" + USAGE_MAP)
    other = map_of(tmp_path, USAGE_MAP.replace("GB", "MB"))

    assert map_digest(plain) == map_digest(spaced)
    assert map_digest(plain) != map_digest(other)


def test_the_shipped_map_is_right() -> None:
    parsed = load_map(Path(__file__).parents[4] / "samples" / "online-retail.map.yaml")

    assert parsed.source == "online-retail"
    assert [rule.type for rule in parsed.facts] == [
        "crm.customer.registered.v1",
        "crm.order.placed.v1",
        "crm.order.returned.v1",
    ]
