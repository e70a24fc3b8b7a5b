"""What lines become: grouped wherever they stand, rounded once, in the order of their time."""

from pathlib import Path

import msgspec

from events.customers import CustomerRegistered
from events.orders import OrderLine, OrderReturned
from events.values import CustomerKind, CustomerRef, Money, Quantity
from tests.unit.ingest.door_given import LONDON, at
from tests.unit.ingest.importing.import_given import (
    HEADER,
    SHOP_MAP,
    USAGE_MAP,
    events_in,
    facts_in,
    ids_in,
    imported,
    london_log,
    order_in,
    request,
    shop_file,
    write,
    write_gzip,
)


def test_a_line_can_register_a_customer_and_begin_an_order(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(tmp_path, "536365,85123A,6,2.55,2010-12-01 08:26,17850.0,France")

    imported(log, request(tmp_path, [file]))

    customer = CustomerRef("shop", "17850")
    registered = CustomerRegistered(customer, CustomerKind.INDIVIDUAL, region="France")
    lines = (OrderLine("85123A", Quantity(6.0, "piece"), 1530),)
    assert events_in(log)[0] == ("customer:17850", registered)
    order = order_in(log, "order:536365:17850")
    assert (order.customer, order.order_id) == (customer, "536365")
    assert (order.total, order.lines) == (Money(1530, "GBP"), lines)


def test_facts_bear_the_source_the_time_and_the_day_of_their_lines(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(tmp_path, "536365,85123A,6,2.55,2011-07-01 00:26,17850,France")

    imported(log, request(tmp_path, [file]))

    for fact in facts_in(log):
        assert fact.source == "shop"
        assert fact.time == at("2011-06-30T23:26:00+00:00")
        assert fact.day == 15156, "1 July in London, though 30 June in UTC"


def test_lines_of_one_invoice_are_one_order_wherever_they_stand(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "1,A,1,1.00,2010-12-01 08:00,17,France",
        "2,B,1,2.00,2010-12-01 09:00,18,France",
        "1,C,1,4.00,2010-12-01 08:00,17,France",
        "2,D,1,8.00,2010-12-01 09:00,18,France",
        "1,E,1,16.00,2010-12-01 08:00,17,France",
    )

    summary = imported(log, request(tmp_path, [file]))

    assert [line.sku for line in order_in(log, "order:1:17").lines] == ["A", "C", "E"]
    assert order_in(log, "order:1:17").total.amount == 2100
    assert order_in(log, "order:2:18").total.amount == 1000
    assert (summary.accounting.accepted, summary.accounting.grouped) == (2, 3)


def test_an_order_written_over_several_minutes_counts_from_its_earliest_line(
    tmp_path: Path,
) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "1,B,1,1.00,2010-12-01 08:02,17,Spain",
        "1,A,1,1.00,2010-12-01 08:01,17,France",
        "1,C,1,1.00,2010-12-01 08:02,17,Italy",
    )

    imported(log, request(tmp_path, [file]))

    order = next(fact for fact in facts_in(log) if fact.id == "order:1:17")
    assert order.time == at("2010-12-01T08:01:00+00:00")
    assert [line.sku for line in order_in(log, "order:1:17").lines] == ["A", "B", "C"]
    registered = dict(events_in(log))["customer:17"]
    assert isinstance(registered, CustomerRegistered)
    assert registered.region == "France", "a group shows the cells of its earliest line"


def test_lines_that_look_the_same_all_count(tmp_path: Path) -> None:
    log = london_log()
    row = "1,A,2,1.50,2010-12-01 08:00,17,France"

    imported(log, request(tmp_path, [shop_file(tmp_path, row, row, row)]))

    order = order_in(log, "order:1:17")
    assert (len(order.lines), order.total.amount) == (3, 900)


def test_a_price_below_a_penny_is_rounded_in_the_line_not_before(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "1,A,1000,0.001,2010-12-01 08:00,17,France",
        "1,B,5,0.001,2010-12-01 08:00,17,France",
        "1,C,15,0.001,2010-12-01 08:00,17,France",
        "1,D,14,0.001,2010-12-01 08:00,17,France",
    )

    imported(log, request(tmp_path, [file]))

    order = order_in(log, "order:1:17")
    assert [line.amount for line in order.lines] == [100, 1, 2, 1], "halves away from zero"
    assert order.total.amount == 104, "the total is the sum of its lines"


def test_a_return_holds_what_came_back_without_a_sign(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(tmp_path, "C1,A,-3,2.50,2010-12-01 08:00,17,France")

    imported(log, request(tmp_path, [file]))

    assert events_in(log)[1] == (
        "return:C1:17",
        OrderReturned(CustomerRef("shop", "17"), "C1", Money(750, "GBP")),
    )


def test_money_has_as_many_digits_as_the_currency_of_the_log(tmp_path: Path) -> None:
    yen = msgspec.structs.replace(LONDON, currency="JPY")
    log = london_log(yen)
    file = shop_file(tmp_path, "1,A,3,100.5,2010-12-01 08:00,17,Japan")

    asked = request(tmp_path, [file], SHOP_MAP.replace("GBP", "JPY"))
    imported(log, asked)

    assert order_in(log, "order:1:17").total == Money(302, "JPY")


def test_an_empty_cell_leaves_an_optional_field_out(tmp_path: Path) -> None:
    log = london_log()

    imported(log, request(tmp_path, [shop_file(tmp_path, "1,A,1,1,2010-12-01 08:00,17,")]))

    assert facts_in(log)[0].data == (
        b'{"customer":{"system":"shop","key":"17"},"kind":"individual"}'
    )


def test_facts_come_in_the_order_of_time_then_of_the_map_then_of_lines(tmp_path: Path) -> None:
    log = london_log()
    file = shop_file(
        tmp_path,
        "3,A,1,1,2010-12-01 10:00,19,France",
        "C2,A,-1,1,2010-12-01 09:00,18,France",
        "5,A,1,1,2010-12-01 09:00,18,France",
        "4,A,1,1,2010-12-01 09:00,18,France",
        "1,A,1,1,2010-12-01 08:00,17,France",
    )

    imported(log, request(tmp_path, [file]))

    assert ids_in(log) == [
        *("customer:17", "order:1:17"),
        *("customer:18", "order:5:18", "order:4:18", "return:C2:18"),
        *("customer:19", "order:3:19"),
    ]


def test_files_are_merged_by_time_and_an_order_may_stand_in_two(tmp_path: Path) -> None:
    first = shop_file(
        tmp_path,
        "1,A,1,1.00,2010-12-01 08:00,17,France",
        "3,A,1,1.00,2010-12-03 08:00,17,France",
        name="a.csv",
    )
    second = write_gzip(
        tmp_path,
        "b.csv.gz",
        HEADER
        + "2,A,1,1.00,2010-12-02 08:00,17,France\n"
        + "3,B,1,2.00,2010-12-03 08:00,17,France\n",
    )
    orders: list[list[tuple[str, object]]] = []

    for name, files in (("one", [first, second]), ("other", [second, first])):
        log = london_log()
        folder = tmp_path / name
        folder.mkdir()
        imported(log, request(folder, files))
        orders.append(events_in(log))

    ids = [name for name, _ in orders[0]]
    assert ids == ["customer:17", "order:1:17", "order:2:17", "order:3:17"]
    assert orders[0] == orders[1], "the order in which files are named changes nothing"
    assert order_in(log, "order:3:17").total.amount == 300


def test_every_line_is_a_fact_where_nothing_is_grouped(tmp_path: Path) -> None:
    log = london_log()
    file = write(
        tmp_path,
        "usage.csv",
        "Id,Volume,At,Customer\n"
        "u1,1.5,2026-03-01T10:00:00Z,17\n"
        "u2,0.25,2026-03-01T11:00:00+01:00,17\n",
    )

    summary = imported(log, request(tmp_path, [file], USAGE_MAP))

    assert ids_in(log) == ["usage:u1", "usage:u2"]
    assert facts_in(log)[1].data.endswith(b'"quantity":{"value":0.25,"unit":"GB"}}')
    assert (summary.accounting.accepted, summary.accounting.grouped) == (2, 0)


def test_an_id_may_be_made_of_file_line_and_time(tmp_path: Path) -> None:
    log = london_log()
    text = USAGE_MAP.replace('"usage:{Id}"', '"{$file}:{$line}@{$time}"')
    file = write(
        tmp_path,
        "usage.csv",
        'Id,Volume,At,Customer\n"\n",1,2026-03-01T10:00:00Z,17\n' * 1
        + "x,2,2026-03-01T11:00:00Z,17\n",
    )

    imported(log, request(tmp_path, [file], text))

    assert ids_in(log) == [
        "usage.csv:2@2026-03-01T10:00:00Z",
        "usage.csv:4@2026-03-01T11:00:00Z",
    ]


def test_text_sums_and_constants_fill_the_fields_that_they_name(tmp_path: Path) -> None:
    log = london_log()
    text = USAGE_MAP.replace('id: "usage:{Id}"', 'group_by: [Customer]\n    id: "usage:{Customer}"')
    text = text.replace("key: {$column: Customer}", 'key: {$text: "K-{Customer}"}')
    text = text.replace("value: {$column: Volume}", "value: {$sum: {$column: Volume}}")
    file = write(
        tmp_path,
        "usage.csv",
        "Id,Volume,At,Customer\n"
        "u1,0.1,2026-03-01T10:00:00Z,17\n"
        "u2,0.2,2026-03-01T10:00:00Z,17\n"
        "u3,-0.1,2026-03-01T10:00:00Z,17\n",
    )

    imported(log, request(tmp_path, [file], text))

    assert facts_in(log)[0].data == (
        b'{"customer":{"system":"billing","key":"K-17"},'
        b'"service":"mobile-data","quantity":{"value":0.2,"unit":"GB"}}'
    )


def test_other_delimiters_quotes_and_encodings_are_read(tmp_path: Path) -> None:
    log = london_log()
    text = SHOP_MAP.replace(
        "source: shop\n", "source: shop\ncsv: {delimiter: ';', quote: \"'\", encoding: cp1252}\n"
    )
    path = tmp_path / "sales.csv"
    row = "1;'A;B';1;1;2010-12-01 08:00;17;Österreich\r\n"
    path.write_bytes((HEADER.replace(",", ";").replace("\n", "\r\n") + row).encode("cp1252"))

    imported(log, request(tmp_path, [path], text))

    assert order_in(log, "order:1:17").lines[0].sku == "A;B"
    registered = dict(events_in(log))["customer:17"]
    assert isinstance(registered, CustomerRegistered)
    assert registered.region == "Österreich"


def test_a_byte_order_mark_in_front_of_the_header_is_no_part_of_a_name(tmp_path: Path) -> None:
    log = london_log()
    row = "1,A,1,1,2010-12-01 08:00,17,France\n"

    imported(log, request(tmp_path, [write(tmp_path, "sales.csv", "\ufeff" + HEADER + row)]))

    assert ids_in(log) == ["customer:17", "order:1:17"]


def test_columns_that_the_map_does_not_declare_and_their_order_do_not_matter(
    tmp_path: Path,
) -> None:
    log = london_log()
    file = write(
        tmp_path,
        "sales.csv",
        "Country,Note,Customer,Date,Price,Pieces,Sku,Invoice\n"
        "France,x,17,2010-12-01 08:00,1,1,A,1\n",
    )

    imported(log, request(tmp_path, [file]))

    assert ids_in(log) == ["customer:17", "order:1:17"]
