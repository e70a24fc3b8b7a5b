"""What is said to people: in their language, with their numbers, and nothing left untranslated."""

import ast
import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, nodes

from events.values import Money
from infra.messages.catalogue import Catalogue, read_catalog
from infra.messages.language import Language, UnknownLanguageError, choose_language

SERVICES = Path(__file__).parents[2] / "services"
ENGLISH = Catalogue()
CHINESE = Catalogue(Language.CHINESE)
TRANSLATED = [language for language in Language if language is not Language.ENGLISH]
SAYING = {"say": 1, "say_plural": 2}
"""The methods that say something, and how many of their arguments are messages."""

Messages = tuple[str, ...]


def sayings(code: str) -> Iterator[tuple[int, Messages]]:
    """The messages of each call that says something, with its line; a message must be a literal."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        number = SAYING.get(node.func.attr, 0)
        if number:
            said = tuple(
                argument.value
                for argument in node.args[:number]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
            yield node.lineno, said if len(said) == number else ()


def template_sayings(template: str) -> Iterator[tuple[int, Messages]]:
    """The same of a page's template, where they are said as ``w.say(...)``."""
    for call in Environment().parse(template).find_all(nodes.Call):
        number = SAYING.get(call.node.attr, 0) if isinstance(call.node, nodes.Getattr) else 0
        if number:
            said = tuple(
                argument.value
                for argument in call.args[:number]
                if isinstance(argument, nodes.Const) and isinstance(argument.value, str)
            )
            yield call.lineno, said if len(said) == number else ()


def all_sayings() -> list[tuple[str, Messages]]:
    readers = {"*.py": sayings, "*.html": template_sayings}
    return [
        (f"{path.relative_to(SERVICES)}:{line}", messages)
        for kind, read in readers.items()
        for path in sorted(SERVICES.rglob(kind))
        for line, messages in read(path.read_text("utf-8"))
    ]


BARE = re.compile(r">([^<>]*[A-Za-z]{2}[^<>]*)<")
NAMED_AS_THEMSELVES = ("Holdfast", "· Holdfast", "English", "中文", "holdfast dlq show")


@pytest.mark.parametrize("path", sorted(SERVICES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_says_nothing_by_itself(path: Path) -> None:
    marks = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
    bare = [said.strip() for said in BARE.findall(marks.sub("", path.read_text("utf-8")))]

    assert [said for said in bare if not said.startswith(NAMED_AS_THEMSELVES)] == []


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def entries(language: Language) -> dict[Messages, tuple[str, ...]]:
    """Every entry of a catalogue file: its messages in English, and its translations."""
    found = {}
    for entry in read_catalog(language):
        if entry.id:
            messages = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
            strings = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
            found[messages] = strings
    return found


def test_messages_are_found_in_code() -> None:
    code = 'catalogue.say("one {day}", day=1)\nsaid.say_plural("a", "b", 2)\nsomebody.sings("c")\n'

    assert list(sayings(code)) == [(1, ("one {day}",)), (2, ("a", "b"))]
    assert list(template_sayings("{{ w.say('c', day=1) }}")) == [(1, ("c",))]


def test_a_message_that_is_no_literal_is_noticed() -> None:
    assert list(sayings("catalogue.say(message)")) == [(1, ())]
    assert list(template_sayings("{{ w.say(message) }}")) == [(1, ())]


def test_every_message_is_a_literal_where_it_is_said() -> None:
    assert [where for where, messages in all_sayings() if not messages] == []


def test_there_are_messages() -> None:
    assert len(all_sayings()) > 50


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: Language) -> None:
    translated = {messages for messages, strings in entries(language).items() if all(strings)}

    missing = [where for where, messages in all_sayings() if messages not in translated]

    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_outlives_its_message(language: Language) -> None:
    said = {messages for _, messages in all_sayings()}

    assert sorted(set(entries(language)) - said) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_what_its_message_does(language: Language) -> None:
    differing = [
        messages
        for messages, strings in entries(language).items()
        if any(placeholders(string) != placeholders(messages[-1]) for string in strings)
    ]

    assert differing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_a_guess(language: Language) -> None:
    assert [entry.id for entry in read_catalog(language) if entry.id and entry.fuzzy] == []


def test_both_forms_of_a_plural_fill_in_the_same() -> None:
    plurals = [messages for _, messages in all_sayings() if len(messages) == 2]

    assert [pair for pair in plurals if placeholders(pair[0]) != placeholders(pair[1])] == []


def test_a_message_is_said_in_english_as_it_stands() -> None:
    assert ENGLISH.say("unusually quiet") == "unusually quiet"


def test_a_message_is_said_in_chinese() -> None:
    assert CHINESE.say("unusually quiet") == "异常沉默"


def test_a_message_without_a_translation_is_said_in_english() -> None:
    assert CHINESE.say("nobody ever said this {day}", day=3) == "nobody ever said this 3"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "no order for 0 days, usual gap 19"),
        (1, "no order for 1 day, usual gap 19"),
        (61, "no order for 61 days, usual gap 19"),
        (1200, "no order for 1,200 days, usual gap 19"),
    ],
)
def test_english_has_two_forms(number: int, said: str) -> None:
    one, many = (
        "no order for {number} day, usual gap {gap}",
        "no order for {number} days, usual gap {gap}",
    )

    assert ENGLISH.say_plural(one, many, number, gap="19") == said


@pytest.mark.parametrize(("number", "days"), [(0, "0"), (1, "1"), (61, "61"), (1200, "1,200")])
def test_chinese_has_one_form(number: int, days: str) -> None:
    one, many = (
        "no order for {number} day, usual gap {gap}",
        "no order for {number} days, usual gap {gap}",
    )

    said = CHINESE.say_plural(one, many, number, gap="19")

    assert said == f"已 {days} 天未下单，通常间隔 19 天"


def test_values_are_put_in_as_they_are_whatever_they_hold() -> None:
    said = ENGLISH.say("Nothing is known of {customer}.", customer="{x} %s {0}")

    assert said == "Nothing is known of {x} %s {0}."


@pytest.mark.parametrize(
    ("money", "english", "chinese"),
    [
        (Money(123450, "GBP"), "£1,234.50", "£1,234.50"),
        (Money(5, "GBP"), "£0.05", "£0.05"),
        (Money(123450, "CNY"), "CN¥1,234.50", "¥1,234.50"),
        (Money(1234, "JPY"), "¥1,234", "JP¥1,234"),
        (Money(12345, "KWD"), "KWD12.345", "KWD12.345"),
        (Money(0, "USD"), "$0.00", "US$0.00"),
    ],
)
def test_money_has_the_minor_units_of_its_currency(
    money: Money, english: str, chinese: str
) -> None:
    assert ENGLISH.money(money) == english
    assert CHINESE.money(money) == chinese


def test_a_day_cannot_be_mistaken_for_another() -> None:
    day = datetime.date(2011, 12, 9)

    assert ENGLISH.date(day) == "2011-12-09"
    assert CHINESE.date(day) == "2011年12月9日"


def test_a_time_is_shown_as_the_clocks_of_its_zone_did() -> None:
    summer = datetime.datetime(2011, 7, 1, 23, 30, tzinfo=datetime.UTC)

    assert ENGLISH.time(summer, ZoneInfo("Europe/London")) == "2011-07-02 00:30"
    assert CHINESE.time(summer, ZoneInfo("Asia/Shanghai")) == "2011年7月2日 07:30"


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(19.4, 0, "19"), (3.25, 1, "3.2"), (3.0, 2, "3"), (12345.678, 2, "12,345.68"), (0.0, 2, "0")],
)
def test_numbers_are_rounded_without_idle_zeros(value: float, digits: int, said: str) -> None:
    assert ENGLISH.number(value, digits) == said


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(0.5, 3, "0.500"), (100.0, 1, "100.0"), (12345.678, 2, "12,345.68"), (-0.25, 2, "-0.25")],
)
def test_figures_in_columns_keep_their_zeros(value: float, digits: int, said: str) -> None:
    assert ENGLISH.fixed(value, digits) == said
    assert CHINESE.fixed(value, digits) == said


def test_parts_are_joined_as_the_language_does() -> None:
    assert ENGLISH.joined(["a", "b"]) == "a, b"
    assert CHINESE.joined(["a", "b"]) == "a，b"


@pytest.mark.parametrize(
    ("option", "lc_all", "lang", "chosen"),
    [
        (None, None, None, Language.ENGLISH),
        (None, None, "zh_CN.UTF-8", Language.CHINESE),
        (None, "", "zh_TW", Language.CHINESE),
        (None, "en_GB.UTF-8", "zh_CN.UTF-8", Language.ENGLISH),
        (None, "C", "zh_CN.UTF-8", Language.ENGLISH),
        (None, "zh", "en", Language.CHINESE),
        (None, None, "fr_FR.UTF-8", Language.ENGLISH),
        ("zh", "en_GB.UTF-8", "en", Language.CHINESE),
        ("zh-Hans", None, None, Language.CHINESE),
        ("EN", None, "zh_CN", Language.ENGLISH),
        ("", None, "zh_CN", Language.CHINESE),
    ],
)
def test_the_option_goes_before_the_environment(
    option: str | None, lc_all: str | None, lang: str | None, chosen: Language
) -> None:
    assert choose_language(option, lc_all, lang) is chosen


def test_an_option_for_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownLanguageError, match="'fr' is not spoken here; there are en, zh"):
        choose_language("fr", None, "zh_CN.UTF-8")
