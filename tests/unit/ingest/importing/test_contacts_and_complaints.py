"""A call centre's exports: codes translated, what is optional left out where its cells are empty."""

import re
from pathlib import Path

import pytest

from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import ClearableField, CustomerChanged
from events.interactions import Channel, Direction, InteractionRecorded
from events.values import CustomerKind, CustomerRef, Money
from infra.log.memory import MemoryLog
from tests.unit.ingest.importing.import_given import (
    events_in,
    ids_in,
    imported,
    london_log,
    request,
    write,
)

ANNA = CustomerRef("crm", "17")

COMPLAINTS_MAP = """\
source: call-centre
columns:
  Ticket: text
  Customer: text
  Opened: {type: time, format: "%Y-%m-%d %H:%M", timezone: Europe/London}
  Closed: {type: time, format: "%Y-%m-%d %H:%M", timezone: Europe/London}
  Back: {type: time, format: "%Y-%m-%d %H:%M", timezone: Europe/London}
  Category: text
  Priority: {type: text, values: {P1: critical, P2: high, P3: medium, P4: low}}
  Result: text
  Happy: {type: text, values: {J: satisfied, N: unsatisfied, "?": ""}}
  Paid: decimal
facts:
  - type: crm.complaint.opened.v1
    id: "{Ticket}:opened"
    time: Opened
    data:
      customer: {system: crm, key: {$column: Customer}}
      complaint_id: {$column: Ticket}
      category: {$column: Category}
      severity: {$column: Priority}
  - type: crm.complaint.resolved.v1
    when: {column: Closed, empty: false}
    id: "{Ticket}:closed"
    time: Closed
    data:
      customer: {system: crm, key: {$column: Customer}}
      complaint_id: {$column: Ticket}
      resolution: {$column: Result}
      satisfaction: {$column: Happy}
      compensation: {amount: {$money: [Paid]}, currency: GBP}
  - type: crm.complaint.reopened.v1
    when: {column: Back, empty: false}
    id: "{Ticket}:back"
    time: Back
    data:
      customer: {system: crm, key: {$column: Customer}}
      complaint_id: {$column: Ticket}
"""
COMPLAINTS_HEADER = "Ticket,Customer,Opened,Closed,Back,Category,Priority,Result,Happy,Paid\n"


def complaints(folder: Path, *rows: str) -> MemoryLog:
    log = london_log()
    text = COMPLAINTS_HEADER + "".join(f"{row}\n" for row in rows)
    imported(log, request(folder, [write(folder, "tickets.csv", text)], COMPLAINTS_MAP))
    return log


def test_one_line_of_a_ticket_becomes_its_whole_life(tmp_path: Path) -> None:
    log = complaints(
        tmp_path,
        "T1,17,2026-02-01 09:00,2026-02-03 17:00,2026-02-05 08:00,billing,P1,refund,N,15.30",
    )

    assert events_in(log) == [
        ("T1:opened", ComplaintOpened(ANNA, "T1", "billing", Severity.CRITICAL)),
        (
            "T1:closed",
            ComplaintResolved(ANNA, "T1", "refund", Satisfaction.UNSATISFIED, Money(1_530, "GBP")),
        ),
        ("T1:back", ComplaintReopened(ANNA, "T1")),
    ]


def test_what_has_not_happened_becomes_no_fact(tmp_path: Path) -> None:
    log = complaints(tmp_path, "T1,17,2026-02-01 09:00,,,billing,P4,,,")

    assert ids_in(log) == ["T1:opened"]


def test_a_compensation_that_was_not_paid_is_left_out_with_its_currency(tmp_path: Path) -> None:
    log = complaints(tmp_path, "T1,17,2026-02-01 09:00,2026-02-03 17:00,,billing,P4,words,J,")

    resolved = ComplaintResolved(ANNA, "T1", "words", Satisfaction.SATISFIED)
    assert events_in(log)[1] == ("T1:closed", resolved)
    assert log.dead_letters == {}


def test_a_compensation_of_nothing_is_one(tmp_path: Path) -> None:
    log = complaints(tmp_path, "T1,17,2026-02-01 09:00,2026-02-03 17:00,,billing,P4,words,J,0")

    resolved = dict(events_in(log))["T1:closed"]
    assert isinstance(resolved, ComplaintResolved)
    assert resolved.compensation == Money(0, "GBP")


@pytest.mark.parametrize("happy", ["", "?"])
def test_who_was_not_asked_is_neither_satisfied_nor_unsatisfied(tmp_path: Path, happy: str) -> None:
    row = f"T1,17,2026-02-01 09:00,2026-02-03 17:00,,billing,P4,words,{happy},"

    resolved = dict(events_in(complaints(tmp_path, row)))["T1:closed"]
    assert isinstance(resolved, ComplaintResolved)
    assert resolved.satisfaction is None


def test_a_code_that_the_map_does_not_list_is_set_aside(tmp_path: Path) -> None:
    log = complaints(tmp_path, "T1,17,2026-02-01 09:00,,,billing,P9,,,")

    (letter,) = log.dead_letters.values()
    assert letter.reason == "unlisted-value"
    assert letter.detail == "Priority: 'P9' is not among the values that the map lists"


def test_an_empty_customer_is_named_by_its_field(tmp_path: Path) -> None:
    log = complaints(tmp_path, "T1,,2026-02-01 09:00,,,billing,P1,,,")

    (letter,) = log.dead_letters.values()
    assert letter.detail.startswith("$.data.customer.key: ")


CONTACTS_MAP = """\
source: call-centre
columns:
  Id: text
  At: time
  Customer: text
  Way: text
  In: {type: text, values: {"1": inbound, "0": outbound}}
  About: text
facts:
  - type: crm.interaction.recorded.v1
    id: "contact:{Id}"
    time: At
    data:
      customer: {system: crm, key: {$column: Customer}}
      channel: {$column: Way}
      direction: {$column: In}
      subject: {$column: About}
"""


def test_contacts_are_read_with_their_channel_and_direction(tmp_path: Path) -> None:
    log = london_log()
    file = write(
        tmp_path,
        "contacts.csv",
        "Id,At,Customer,Way,In,About\n"
        "1,2026-03-01T10:00:00Z,17,call,1,invoice\n"
        "2,2026-03-02T10:00:00Z,17,email,0,\n"
        "3,2026-03-03T10:00:00Z,17,pigeon,0,\n",
    )

    imported(log, request(tmp_path, [file], CONTACTS_MAP))

    assert events_in(log) == [
        ("contact:1", InteractionRecorded(ANNA, Channel.CALL, Direction.INBOUND, "invoice")),
        ("contact:2", InteractionRecorded(ANNA, Channel.EMAIL, Direction.OUTBOUND)),
    ]
    (letter,) = log.dead_letters.values()
    assert letter.detail == "$.data.channel: Invalid enum value 'pigeon'"


CHANGES_MAP = """\
source: crm
columns:
  Id: text
  At: time
  Customer: text
  Kind: text
  Tier: text
  Cleared: text
facts:
  - type: crm.customer.changed.v1
    when: {column: Cleared, empty: true}
    id: "change:{Id}"
    time: At
    data:
      customer: {system: crm, key: {$column: Customer}}
      kind: {$column: Kind}
      tier: {$column: Tier}
  - type: crm.customer.changed.v1
    when: {column: Cleared, empty: false}
    group_by: [Id, Customer]
    id: "cleared:{Id}:{Customer}"
    time: At
    data:
      customer: {system: crm, key: {$column: Customer}}
      cleared: {$lines: {$column: Cleared}}
"""


def test_a_change_names_only_the_cells_that_are_filled_and_lines_list_what_is_cleared(
    tmp_path: Path,
) -> None:
    log = london_log()
    file = write(
        tmp_path,
        "changes.csv",
        "Id,At,Customer,Kind,Tier,Cleared\n"
        "1,2026-03-01T10:00:00Z,17,,gold,\n"
        "2,2026-03-02T10:00:00Z,17,vip,,\n"
        "3,2026-03-03T10:00:00Z,17,,,tier\n"
        "3,2026-03-03T10:00:00Z,17,,,region\n",
    )

    imported(log, request(tmp_path, [file], CHANGES_MAP))

    cleared = (ClearableField.TIER, ClearableField.REGION)
    assert events_in(log) == [
        ("change:1", CustomerChanged(ANNA, tier="gold")),
        ("change:2", CustomerChanged(ANNA, CustomerKind.VIP)),
        ("cleared:3:17", CustomerChanged(ANNA, cleared=cleared)),
    ]


def test_the_map_of_the_guide_is_right(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[4] / "docs" / "importing.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(source: call-centre\n.*?)```", guide, re.DOTALL)
    row = "T1,17,2026-02-01 09:00,2026-02-03 17:00,,billing,P2,refund,N,15.30\n"
    log = london_log()

    file = write(tmp_path, "tickets.csv", COMPLAINTS_HEADER + row)
    imported(log, request(tmp_path, [file], text))

    assert ids_in(log) == ["T1:opened", "T1:closed"]
