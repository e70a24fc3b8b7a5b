"""Complaints and contacts on the card and among its latest facts, in both languages."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)
from events.customers import CustomerChanged
from events.interactions import Channel, Direction, InteractionRecorded
from events.profiles import ComplaintFigures, ContactFigures
from events.values import Money
from infra.folder import DataFolder
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView, card_now
from services.ops.fact_lines import FactLine
from services.ops.rendering.card import render_card
from services.ops.rendering.card_contacts import complaints_rows, contacts_rows
from services.ops.rendering.fact_wording import (
    channel_words,
    direction_words,
    satisfaction_words,
    severity_words,
)
from tests.unit.ops.folders import fact, id_of, moment, order, read, ref, written
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen, words

A = ref("A")
SECRET = "Somebody's own words"
HISTORY = [
    fact(
        InteractionRecorded(A, Channel.CALL, Direction.INBOUND, "invoice", "promised", SECRET),
        "call-1",
        moment(20),
    ),
    fact(ComplaintOpened(A, "c1", "billing", Severity.HIGH, SECRET), "c1-opened", moment(21)),
    fact(
        ComplaintResolved(A, "c1", "refund", Satisfaction.UNSATISFIED, Money(1_530, "GBP"), SECRET),
        "c1-resolved",
        moment(25),
    ),
    fact(ComplaintReopened(A, "c1", Severity.CRITICAL, SECRET), "c1-reopened", moment(27)),
    fact(CustomerChanged(A, tier="platinum", name=SECRET), "changed-1", moment(28)),
    fact(InteractionRecorded(A, Channel.FIELD, Direction.OUTBOUND), "visit-1", moment(30)),
    order("B", 30),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return written(tmp_path_factory.mktemp("relations"), HISTORY, 40)


def view_of(folder: DataFolder, key: str = "A") -> CardView:
    view = read(folder, lambda reading: card_now(reading, id_of(key)))
    assert isinstance(view, CardView)
    return view


def line_of(folder: DataFolder, name: str) -> FactLine:
    (line,) = [line for line in view_of(folder).latest_facts if line.id == name]
    return line


SECTIONS = """\
Complaints
  Open               1, the oldest since 2011-01-30
  In all             1 opened, 1 resolved, 1 reopened
  Unsatisfied        with 1 of 1 resolutions
  Complaints lately  1.8, weighed by severity 10.7; half-life 91 days, last on 2011-01-30

Contacts
  Contacts lately  0.9 from the customer, 0.9 to the customer; half-life 91 days
  Last contact     2011-02-02, field service

Latest facts
  Time              What                                              Amount  Source  Id there
  ───────────────────────────────────────────────────────────────────────────────────────────────
  2011-02-02 12:00  field service, to the customer                            shop    visit-1
  2011-01-31 12:00  customer changed                                          shop    changed-1
  2011-01-30 12:00  complaint reopened, critical                              shop    c1-reopened
  2011-01-28 12:00  complaint resolved, refund, customer unsatisfied  £15.30  shop    c1-resolved
  2011-01-24 12:00  complaint, billing, high severity                         shop    c1-opened
  2011-01-23 12:00  call, from the customer, invoice, promised                shop    call-1
"""


def test_complaints_and_contacts_look_like_this(folder: DataFolder) -> None:
    assert SECTIONS in screen(render_card(view_of(folder), ENGLISH, LONDON_CLOCKS), 104)


def test_in_chinese_they_say_the_same(folder: DataFolder) -> None:
    said = words(render_card(view_of(folder), CHINESE, LONDON_CLOCKS), 120)

    assert "未解决 1 件，最早自 2011年1月30日" in said
    assert "累计 提出 1 件，解决 1 件，重开 1 件" in said
    assert "不满意 1 次解决中有 1 次不满意" in said
    assert "近期投诉 1.8 件，按严重程度加权 10.7（半衰期 91 天），最近 2011年1月30日" in said
    assert "近期联系 客户发起 0.9 次，我方发起 0.9 次（半衰期 91 天）" in said
    assert "最近联系 2011年2月2日，外勤" in said
    assert "投诉已解决，refund，客户不满意 £15.30" in said
    assert "电话，客户发起，invoice，promised" in said
    assert "客户资料变更" in said


def test_who_has_neither_is_shown_neither(folder: DataFolder) -> None:
    said = screen(render_card(view_of(folder, "B"), ENGLISH, LONDON_CLOCKS))

    assert "Complaints" not in said
    assert "Contacts" not in said


def test_a_resolution_without_an_opening_is_shown(tmp_path: Path) -> None:
    resolution = ComplaintResolved(A, "c9", "refund")
    folder = written(tmp_path, [fact(resolution, "c9-resolved", moment(0))])

    said = words(render_card(view_of(folder), ENGLISH, LONDON_CLOCKS))

    assert "Open none In all 0 opened, 1 resolved, 0 reopened" in said
    assert "Unsatisfied" not in said
    assert "lately" not in said


def test_open_complaints_of_unknown_age_are_a_number() -> None:
    figures = ComplaintFigures(2, None, 6, 4, 0, 0, 1.0, 1.0, datetime.date(2011, 1, 3))

    assert "Open 2 In all" in words(complaints_rows(figures, ENGLISH))


def test_contacts_far_back_have_faded() -> None:
    figures = ContactFigures(0.04, 0.0, datetime.date(2009, 1, 3), Channel.FAX)

    said = words(contacts_rows(figures, ENGLISH))
    assert said.startswith("Contacts lately 0 from the customer, 0 to the customer")
    assert said.endswith("Last contact 2009-01-03, fax")


def test_a_line_holds_what_its_fact_said(folder: DataFolder) -> None:
    call, resolution = line_of(folder, "call-1"), line_of(folder, "c1-resolved")

    assert (call.channel, call.direction) == (Channel.CALL, Direction.INBOUND)
    assert (call.subject, call.outcome, call.complaint_id) == ("invoice", "promised", None)
    assert (resolution.complaint_id, resolution.resolution) == ("c1", "refund")
    assert resolution.satisfaction is Satisfaction.UNSATISFIED
    assert resolution.money == Money(1_530, "GBP")


def test_a_line_of_a_complaint_holds_category_and_severity(folder: DataFolder) -> None:
    opening, again = line_of(folder, "c1-opened"), line_of(folder, "c1-reopened")

    assert (opening.complaint_id, opening.category) == ("c1", "billing")
    assert (opening.severity, again.severity) == (Severity.HIGH, Severity.CRITICAL)
    assert again.complaint_id == "c1"


def test_no_free_text_stands_on_a_card(folder: DataFolder) -> None:
    assert SECRET.encode() not in msgspec.json.encode(view_of(folder))


def test_a_hostile_code_does_not_act(tmp_path: Path) -> None:
    complaint = ComplaintOpened(A, "c1", "bil\u202eling", Severity.LOW)
    folder = written(tmp_path, [fact(complaint, "c1", moment(0))])

    said = screen(render_card(view_of(folder), ENGLISH, LONDON_CLOCKS))

    assert "\u202e" not in said
    assert r"bil\u202eling" in said


@pytest.mark.parametrize("catalogue", [ENGLISH, CHINESE])
@pytest.mark.parametrize("width", [80, 100])
def test_the_sections_fit_their_width(folder: DataFolder, catalogue: Catalogue, width: int) -> None:
    shown = screen(render_card(view_of(folder), catalogue, LONDON_CLOCKS), width)

    for line in shown.splitlines():
        # a Chinese character takes two columns
        assert sum(1 + (letter > "\u2e7f") for letter in line) <= width


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_has_words_of_its_own(channel: Channel) -> None:
    others = {channel_words(other, ENGLISH) for other in Channel if other is not channel}

    assert channel_words(channel, ENGLISH) not in others
    assert channel_words(channel, CHINESE) != channel_words(channel, ENGLISH)


def test_every_direction_severity_and_satisfaction_has_words() -> None:
    for catalogue in (ENGLISH, CHINESE):
        said = [direction_words(direction, catalogue) for direction in Direction]
        said += [severity_words(severity, catalogue) for severity in Severity]
        said += [satisfaction_words(satisfaction, catalogue) for satisfaction in Satisfaction]
        assert len(set(said)) == len(Direction) + len(Severity) + len(Satisfaction)
