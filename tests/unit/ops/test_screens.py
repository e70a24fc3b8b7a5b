"""Lists, records, dead letters and "nothing to show" on the screen, in both languages."""

import datetime
from pathlib import Path

import msgspec
import pytest

from events.catalogue import FACTS, REGISTRY, SIGNALS
from events.figures import SilenceFigures
from events.marks import Emission
from events.profiles import StandingSignal
from events.signals import SignalReason
from events.values import CustomerKind
from infra.folder import DataFolder
from infra.log.records import DeadLetter
from services.ops.cards import NoCard, NotFoldedYet
from services.ops.customers import AmbiguousCustomer, UnknownCustomer
from services.ops.dead_letters import NoDeadLetter, dead_letter_line, dead_letter_view
from services.ops.flagged import FlaggedList, flagged
from services.ops.freshness import NothingFolded
from services.ops.rendering.dead_letters import render_dead_letter, render_dead_letters
from services.ops.rendering.flagged import render_flagged
from services.ops.rendering.outcomes import NothingToShow, explain
from services.ops.rendering.safe import json_line
from services.ops.rendering.tail import render_record
from services.ops.rendering.wording import fact_words, kind_words, reason_sentence
from services.ops.tail import tail
from tests.unit.ops.folders import (
    WRITTEN,
    assigned,
    id_of,
    order,
    read,
    ref,
    registered,
    regular,
    written,
)
from tests.unit.ops.screens import CHINESE, ENGLISH, LONDON_CLOCKS, screen, words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return written(
        tmp_path_factory.mktemp("screens"),
        [
            *regular("A"),
            assigned("A", 3, "ACME", "m.li"),
            *regular("B", 500),
            registered("B", 5, "\x1b]0;title\x07 \u202egnp"),
        ],
        155,
    )


def list_of(folder: DataFolder, limit: int = 10) -> FlaggedList:
    found = read(folder, lambda reading: flagged(reading, limit))
    assert isinstance(found, FlaggedList)
    return found


LIST = """\
2 customers are flagged, £408.67 at stake
as of 2011-06-07, the log's open day

Customer  Why                                 At stake  Account
───────────────────────────────────────────────────────────────
shop:A    no order for 55 days, usual gap 10   £389.21  ACME
          flagged since 2011-05-24                      m.li
shop:B    no order for 55 days, usual gap 10    £19.46  its own
          flagged since 2011-05-24"""


def test_a_list_looks_like_this(folder: DataFolder) -> None:
    assert screen(render_flagged(list_of(folder), ENGLISH)) == LIST


def test_a_list_fits_a_narrow_terminal(folder: DataFolder) -> None:
    said = screen(render_flagged(list_of(folder), ENGLISH), 80)

    assert max(map(len, said.splitlines())) <= 80
    assert "no order for 55 days, usual gap 10" in said


def test_a_short_list_says_how_much_it_shows(folder: DataFolder) -> None:
    said = screen(render_flagged(list_of(folder, 1), ENGLISH))

    assert said.startswith("2 customers are flagged, £408.67 at stake, showing 1 of them")


def test_a_list_speaks_chinese(folder: DataFolder) -> None:
    said = screen(render_flagged(list_of(folder, 1), CHINESE))

    assert said.startswith("2 位客户有预警，涉及金额 £408.67，以下为前 1 位")
    assert "已 55 天未下单，通常间隔 10 天" in said
    assert "自 2011年5月24日 起预警" in said


def test_a_list_of_nobody_says_so(tmp_path: Path) -> None:
    said = screen(render_flagged(list_of(written(tmp_path, [order("A", 0)])), ENGLISH))

    assert said == "Nobody is flagged.\nas of 2011-01-03, the log's open day"


def test_a_list_says_that_some_are_in_quarantine(folder: DataFolder) -> None:
    listed = msgspec.structs.replace(list_of(folder), quarantined=2)

    assert "2 customers are in quarantine; see `holdfast status`" in screen(
        render_flagged(listed, ENGLISH)
    )


@pytest.mark.parametrize("width", [40, 80, 400])
def test_nothing_of_a_record_is_cut_off(folder: DataFolder, width: int) -> None:
    (record,) = read(folder, lambda reading: tail(reading.archive, SIGNALS, id_of("A"), 1))

    said = screen(render_record(record, ENGLISH, LONDON_CLOCKS), width)

    whole = "".join(said.split())
    assert whole.startswith(record.id + "2024-05-0608:08" + record.type + id_of("A"))
    assert "".join(bytes(record.data).decode().split()) in whole


def test_a_hostile_record_does_not_act(folder: DataFolder) -> None:
    records = read(folder, lambda reading: tail(reading.archive, FACTS, id_of("B"), 100))

    for record in records:
        said = screen(render_record(record, ENGLISH, LONDON_CLOCKS), 400)
        assert "\u202e" not in said
        assert "\u202e" not in json_line(record)
    assert any(
        r"\u202egnp" in screen(render_record(r, ENGLISH, LONDON_CLOCKS), 400) for r in records
    )


def test_a_cell_cannot_forge_a_row() -> None:
    letter = msgspec.structs.replace(LETTER, detail="bad\n0123456789ac  2024-05-06 08:08  shop")

    said = words(render_dead_letters([dead_letter_line(letter)], ENGLISH, LONDON_CLOCKS), 400)

    assert r"bad\n0123456789ac" in said


LETTER = DeadLetter(
    "0123456789abcdef",
    "shop",
    "invalid",
    "Expected `int`",
    "$.data",
    "send one",
    WRITTEN,
    b'{"a":\n1}',
)


def shown(letter: DeadLetter) -> str:
    return screen(render_dead_letter(dead_letter_view(letter), ENGLISH, LONDON_CLOCKS))


def test_letters_are_listed_with_what_is_wrong() -> None:
    said = words(render_dead_letters([dead_letter_line(LETTER)], ENGLISH, LONDON_CLOCKS))

    assert "0123456789ab 2024-05-06 08:08 shop invalid $.data: Expected `int`" in said


def test_where_there_are_no_letters_that_is_said() -> None:
    assert screen(render_dead_letters([], ENGLISH, LONDON_CLOCKS)) == "There are no dead letters."
    assert screen(render_dead_letters([], CHINESE, LONDON_CLOCKS)) == "没有死信。"


def test_a_letter_is_shown_with_its_lines() -> None:
    said = shown(LETTER)

    assert "How to mend it  send one" in said
    assert said.endswith('Its 8 bytes\n{"a":\n1}')


def test_terminal_escapes_in_a_letter_do_not_act() -> None:
    hostile = msgspec.structs.replace(
        LETTER,
        source="\x1b[31m",
        detail="\x07\x9b2J",
        body=b"\x1b]52;c;cm0gLXJm\x07\n\xe2\x80\xae!",
    )

    said = shown(hostile)

    assert r"\x1b]52;c;cm0gLXJm\x07" in said
    assert r"\u202e!" in said
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said)


def test_bytes_that_are_no_text_are_shown_as_digits() -> None:
    said = shown(msgspec.structs.replace(LETTER, body=b"\xff\x00" * 40))

    assert "Its 80 bytes, which are not UTF-8, in hexadecimal digits" in said
    assert said.splitlines()[-2:] == ["ff00" * 16, "ff00" * 16] or "ff00" * 16 in said


def test_a_long_letter_is_cut_on_the_screen_and_says_so() -> None:
    for body in (b"x" * 5_000, b"\xff" * 5_000):
        said = shown(msgspec.structs.replace(LETTER, body=body))

        assert said.endswith("only the beginning; --json has all of it")
        assert len(said) < 6_000


def test_a_letter_without_bytes_is_shown() -> None:
    assert "Its 0 bytes" in shown(msgspec.structs.replace(LETTER, body=b""))


def test_a_letter_of_no_known_source_says_so() -> None:
    assert "not readable" in shown(msgspec.structs.replace(LETTER, source=""))


OUTCOMES: list[tuple[NothingToShow, str, str]] = [
    (NoCard(id_of("A"), None), "Nothing is known of", "没有"),
    (
        NoCard(id_of("A"), datetime.datetime(2011, 7, 1, 12, tzinfo=datetime.UTC)),
        "At 2011-07-01 13:00 nothing was known of",
        "在 2011年7月1日 13:00 时",
    ),
    (NotFoldedYet(id_of("A"), 1), "is among 1 record not folded yet", "1 条记录"),
    (NotFoldedYet(id_of("A"), 5), "is among 5 records not folded yet", "5 条记录"),
    (UnknownCustomer("x"), "No customer is known as x: give an id", "找不到客户 x"),
    (
        AmbiguousCustomer("x", (ref("x", "billing"), ref("x"))),
        "say which, billing:x, shop:x.",
        "billing:x，shop:x",
    ),
    (NoDeadLetter("ab"), "an id that begins with ab.", "以 ab 开头"),
    (NothingFolded(0), "The log is empty", "日志为空"),
    (NothingFolded(1), "has 1 record, none of it folded yet", "1 条记录"),
    (NothingFolded(2), "has 2 records, none of them folded yet", "2 条记录"),
]


@pytest.mark.parametrize(("outcome", "english", "chinese"), OUTCOMES)
def test_nothing_to_show_is_explained(outcome: NothingToShow, english: str, chinese: str) -> None:
    assert english in explain(outcome, ENGLISH, LONDON_CLOCKS)
    assert chinese in explain(outcome, CHINESE, LONDON_CLOCKS)


@pytest.mark.parametrize("text", ["\x1b[2J", "\u202e", "{0}", "{text}"])
def test_an_explanation_repeats_hostile_text_harmlessly(text: str) -> None:
    for outcome in (UnknownCustomer(text), NoDeadLetter(text), AmbiguousCustomer(text, ())):
        said = explain(outcome, ENGLISH, LONDON_CLOCKS)

        assert not {"\x1b", "\u202e"} & set(said)


@pytest.mark.parametrize(
    ("days", "gap", "english", "chinese"),
    [
        (61, 19.4, "no order for 61 days, usual gap 19", "已 61 天未下单，通常间隔 19 天"),
        (1, 1.25, "no order for 1 day, usual gap 1.2", "已 1 天未下单，通常间隔 1.2 天"),
        (
            1500,
            400.0,
            "no order for 1,500 days, usual gap 400",
            "已 1,500 天未下单，通常间隔 400 天",
        ),
    ],
)
def test_a_silence_is_said_in_figures(days: int, gap: float, english: str, chinese: str) -> None:
    figures = SilenceFigures(days, gap, 9, 2.0, 5.0, 4.38)
    signal = StandingSignal(
        SignalReason.UNUSUALLY_QUIET, "silence-1", datetime.date(2011, 1, 3), figures
    )

    assert reason_sentence(signal, ENGLISH) == english
    assert reason_sentence(signal, CHINESE) == chinese


@pytest.mark.parametrize("kind", CustomerKind)
def test_every_kind_has_words(kind: CustomerKind) -> None:
    assert kind_words(kind.value, ENGLISH) != ""
    assert kind_words(kind.value, CHINESE) != kind_words(kind.value, ENGLISH)


@pytest.mark.parametrize("name", sorted(REGISTRY.facts))
def test_every_fact_type_has_words(name: str) -> None:
    assert fact_words(name, ENGLISH) != name
    assert fact_words(name, CHINESE) not in {name, fact_words(name, ENGLISH)}


def test_a_kind_or_type_of_another_release_is_said_as_it_stands() -> None:
    assert kind_words("cooperative", ENGLISH) == "cooperative"
    assert fact_words("crm.visit.made.v3", CHINESE) == "crm.visit.made.v3"


def test_what_was_emitted_how_is_said(folder: DataFolder) -> None:
    (record,) = read(folder, lambda reading: tail(reading.archive, SIGNALS, id_of("A"), 1))

    assert record.emission == Emission.LIVE.value
    assert "  live  " in screen(render_record(record, ENGLISH, LONDON_CLOCKS), 2000)
