"""Text of others on a terminal: it is shown, and it never acts."""

import unicodedata
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ops.rendering.safe import escaped, json_line, lines, plain
from services.ops.rendering.terminal import WIDEST, console_on


class Named(msgspec.Struct, frozen=True):
    """Something with text in it."""

    name: str


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("a\x07b\x08c\x7f", r"a\x07b\x08c\x7f"),
        ("up\r\ndown\ttab", r"up\r\ndown\ttab"),
        ("abc\u202edef", r"abc\u202edef"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("line\u2028end", r"line\u2028end"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("lone\ud800", r"lone\ud800"),
        ("\x00", r"\x00"),
    ],
)
def test_what_acts_is_written_out(hostile: str, shown: str) -> None:
    assert escaped(hostile) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "£1,234.50", "客户甲，已 61 天未下单", "naïve — “quoted”"]
)
def test_ordinary_text_of_any_script_is_left_alone(text: str) -> None:
    assert escaped(text) == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_that_is_escaped_acts_any_more(text: str) -> None:
    shown = escaped(text)

    assert {unicodedata.category(letter) for letter in shown}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    assert escaped(shown) == shown


@given(st.text())
def test_json_reads_back_as_it_was(text: str) -> None:
    line = json_line(Named(text))

    assert msgspec.json.decode(line, type=Named) == Named(text)


@given(st.text())
def test_json_is_one_line_in_which_nothing_acts(text: str) -> None:
    assert escaped(json_line(Named(text))) == json_line(Named(text))


def test_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    file = StringIO()

    console_on(file, 80).print(plain("[red]not red[/red] [link=x]y[/link] :smile:"))

    assert file.getvalue().strip() == "[red]not red[/red] [link=x]y[/link] :smile:"


def test_line_ends_are_kept_where_several_lines_are_wanted() -> None:
    assert lines("one\ntwo\r\nthree \x1b[2J").plain == "one\ntwo\nthree \\x1b[2J"


def test_what_is_piped_has_no_colours() -> None:
    file = StringIO()

    console_on(file).print(plain("red", "bold red"))

    assert file.getvalue() == "red\n"


def test_a_console_is_no_wider_than_can_be_read() -> None:
    assert console_on(StringIO()).width <= WIDEST
    assert console_on(StringIO(), 200).width == 200
