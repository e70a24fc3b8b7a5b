"""Everything that a page says, in the reader's language and the firm's time zone.

Templates call this and nothing else, so that whatever a person reads goes through the catalogue.
"""

import datetime
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from events.calendar import date_of
from events.values import Money, Quantity
from infra.messages.catalogue import Catalogue
from infra.messages.language import Language
from services.ops.rendering import (
    fact_wording,
    figure_words,
    life_wording,
    outcomes,
    quality_words,
    raw_figures,
    score_wording,
    status_alarms,
    wording,
)
from services.ops.rendering.card import account_words, signal_figures
from services.ops.rendering.card_score import change_words, rest_words
from services.ops.rendering.consumption import amount_words
from services.ops.rendering.evidence import counted

Says = Callable[..., str]


class Words:
    """The words of one reader. `say` and its kin are those of the catalogue."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        catalogue = Catalogue(language)
        self.language = language
        self.catalogue = catalogue
        self.zone = zone
        self.say = catalogue.say
        self.say_plural = catalogue.say_plural
        self.number = catalogue.number
        self.fixed = catalogue.fixed
        self.money = catalogue.money
        self.joined = catalogue.joined
        self.account: Says = partial(account_words, catalogue=catalogue)
        self.alarms = partial(status_alarms.alarms, catalogue=catalogue)
        self.amount: Says = partial(amount_words, catalogue=catalogue)
        self.band: Says = partial(score_wording.band_words, catalogue=catalogue)
        self.change: Says = partial(change_words, catalogue=catalogue)
        self.clock: Says = partial(wording.clock_words, catalogue=catalogue)
        self.counted: Says = partial(counted, catalogue=catalogue)
        self.explain: Says = partial(outcomes.explain, catalogue=catalogue, zone=zone)
        self.fact: Says = partial(fact_wording.what_happened, catalogue=catalogue)
        self.fact_type: Says = partial(wording.fact_words, catalogue=catalogue)
        self.channel: Says = partial(fact_wording.channel_words, catalogue=catalogue)
        self.gap: Says = partial(figure_words.gap_words, catalogue=catalogue)
        self.group: Says = partial(score_wording.group_words, catalogue=catalogue)
        self.kind: Says = partial(wording.kind_words, catalogue=catalogue)
        self.likelihood: Says = partial(score_wording.likelihood, catalogue=catalogue)
        self.raw_figure: Says = partial(raw_figures.raw_figure_words, catalogue=catalogue)
        self.reason: Says = partial(wording.reason_name, catalogue=catalogue)
        self.reason_sentence: Says = partial(wording.reason_sentence, catalogue=catalogue)
        self.rounded: Says = partial(quality_words.rounded, catalogue=catalogue)
        self.share: Says = partial(quality_words.share, catalogue=catalogue)
        self.score_rest = partial(rest_words, catalogue=catalogue)
        self.signal_figures: Says = partial(signal_figures, catalogue=catalogue)
        self.signed: Says = partial(figure_words.signed, catalogue=catalogue)
        self.stage: Says = partial(life_wording.stage_words, catalogue=catalogue)
        self.value: Says = partial(life_wording.value_words, catalogue=catalogue)

    def date(self, day: datetime.date | int) -> str:
        """Return a day, given as a date or as days since the epoch."""
        return self.catalogue.date(date_of(day) if isinstance(day, int) else day)

    def iso(self, text: str) -> str:
        """Return a day that is given as text."""
        return self.catalogue.date(datetime.date.fromisoformat(text))

    def time(self, time: datetime.datetime) -> str:
        """Return an instant as the firm's clocks showed it."""
        return self.catalogue.time(time, self.zone)

    def quantity(self, quantity: Quantity) -> str:
        """Return an amount with its unit."""
        return f"{self.number(quantity.value, 2)} {quantity.unit}"

    def minor(self, amount: int, currency: str) -> str:
        """Return an amount of minor units as money."""
        return self.catalogue.money(Money(amount, currency))

    def whole(self, amount: float, currency: str) -> str:
        """Return an estimate in minor units as money, without pennies."""
        return self.catalogue.whole_money(Money(round(amount), currency))

    def whole_money(self, money: Money) -> str:
        """Return an amount of money without minor units, for figures that are estimates."""
        return self.catalogue.whole_money(money)
