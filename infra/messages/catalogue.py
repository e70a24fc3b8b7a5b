"""The message catalogue: English in the code, every other language in a ``.po`` file beside this one.

Nothing compiled is kept: a catalogue is read when it is first asked for, and gettext looks messages
up in it. Numbers, money, dates and times are written in the reader's own way by Babel.
"""

import datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

from events.values import Money
from infra.messages.language import Language

KEPT = 8_192
"""So many numbers are kept as they were written: those of a page come again with its next look."""

_FOLDER = Path(__file__).parent
_DATE = {Language.ENGLISH: "yyyy-MM-dd", Language.CHINESE: "y年M月d日"}
_SEPARATORS = {Language.ENGLISH: ", ", Language.CHINESE: "，"}


class Catalogue:
    """Says everything in one language; in English what has no translation, which a test forbids."""

    def __init__(self, language: Language = Language.ENGLISH) -> None:
        self.language = language
        self._translations = _translations(language)

    def say(self, message: str, **values: object) -> str:
        """Return a message, given in English, with its ``{names}`` filled in.

        Whole numbers, `datetime.date` and `Money` are written as the language does.

        >>> Catalogue().say("{count} facts", count=12345)
        '12,345 facts'
        """
        return self._filled(self._translations.gettext(message), values)

    def say_plural(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form of a message that goes with ``number``, which fills ``{number}``.

        >>> Catalogue().say_plural("{number} day", "{number} days", 1)
        '1 day'
        """
        template = self._translations.ngettext(one, many, number)
        return self._filled(template, {"number": number, **values})

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number rounded to so many decimal places, without trailing zeros."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return _decimal(str(value), pattern, self.language.value)

    def fixed(self, value: float, digits: int) -> str:
        """Return a number with exactly so many decimal places, for columns of figures.

        >>> Catalogue().fixed(0.5, 3)
        '0.500'
        """
        pattern = f"#,##0.{'0' * digits}"
        return _decimal(str(value), pattern, self.language.value)

    def money(self, money: Money) -> str:
        """Return an amount with its currency, minor units and all.

        >>> Catalogue().money(Money(123450, "GBP"))
        '£1,234.50'
        """
        return _money(money.amount, money.currency, self.language.value)

    def whole_money(self, money: Money) -> str:
        """Return an amount with its currency, rounded to whole units: of estimates pennies say nothing.

        >>> Catalogue().whole_money(Money(123450, "GBP"))
        '£1,234'
        """
        return _whole_money(money.amount, money.currency, self.language.value)

    def date(self, date: datetime.date) -> str:
        """Return a day, always with its year and never in an order that can be mistaken."""
        return dates.format_date(date, _DATE[self.language], locale=self.language.value)

    def time(self, time: datetime.datetime, zone: ZoneInfo) -> str:
        """Return an instant to the minute, as the clocks of a time zone showed it."""
        pattern = f"{_DATE[self.language]} HH:mm"
        return dates.format_datetime(time, pattern, tzinfo=zone, locale=self.language.value)

    def joined(self, parts: list[str]) -> str:
        """Return parts of one sentence, separated as the language does."""
        return _SEPARATORS[self.language].join(parts)

    def _filled(self, template: str, values: dict[str, object]) -> str:
        return template.format(**{name: self._written(value) for name, value in values.items()})

    def _written(self, value: object) -> str:
        match value:
            case int():
                return self.number(value)
            case Money():
                return self.money(value)
            case datetime.date():
                return self.date(value)
            case _:
                return str(value)


def read_catalog(language: Language) -> Catalog:
    """Return the translations out of English into a language other than English."""
    with (_FOLDER / f"{language.value}.po").open("rb") as file:
        return pofile.read_po(file, locale=language.value, abort_invalid=True)


@cache
def _translations(language: Language) -> NullTranslations:
    if language is Language.ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    mofile.write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=KEPT)
def _decimal(value: str, pattern: str, locale: str) -> str:
    """Return a number, given in digits, by a pattern. A tenth of a millisecond where it is not kept."""
    return numbers.format_decimal(Decimal(value), format=pattern, locale=locale)


@lru_cache(maxsize=KEPT)
def _money(amount: int, currency: str, locale: str) -> str:
    places = numbers.get_currency_precision(currency)
    return numbers.format_currency(Decimal(amount).scaleb(-places), currency, locale=locale)


@lru_cache(maxsize=KEPT)
def _whole_money(amount: int, currency: str, locale: str) -> str:
    whole = round(Decimal(amount).scaleb(-numbers.get_currency_precision(currency)))
    return numbers.format_currency(whole, currency, "¤#,##0", locale, currency_digits=False)
