"""The figures of a card: purchases, services, latest facts."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from events.profiles import CustomerCard
from events.values import Money, Quantity
from infra.messages.catalogue import Catalogue
from services.ops.fact_lines import FactLine
from services.ops.rendering.consumption import usual_words
from services.ops.rendering.fact_wording import what_happened
from services.ops.rendering.figure_words import gap_words
from services.ops.rendering.grids import add_row, label_rows, table


def purchases_rows(card: CustomerCard, catalogue: Catalogue) -> Table:
    """Return how a customer buys."""
    bought, currency = card.purchases, card.stake.currency
    if bought.first_day is None or bought.last_day is None:
        return label_rows([(catalogue.say("Orders"), catalogue.say("none yet"))])
    orders = catalogue.say(
        "{orders} on {days} days, {first} to {last}",
        orders=bought.orders,
        days=bought.purchase_days,
        first=bought.first_day,
        last=bought.last_day,
    )
    lately = Money(round(bought.spent_91), currency)
    rows: list[tuple[str, Text | str]] = [
        (catalogue.say("Orders"), orders),
        (catalogue.say("Usual gap"), _gap(bought.usual_gap, catalogue)),
        (catalogue.say("Spent"), catalogue.money(Money(bought.spent, currency))),
        (catalogue.say("Spent lately"), catalogue.say("{money}, half-life 91 days", money=lately)),
        (catalogue.say("Last day's total"), catalogue.money(Money(bought.last_amount, currency))),
    ]
    if bought.returns:
        returned = Money(bought.returned, currency)
        said = catalogue.say("{returns}, worth {money}", returns=bought.returns, money=returned)
        rows.append((catalogue.say("Returns"), said))
    return label_rows(rows)


def services_table(card: CustomerCard, catalogue: Catalogue) -> Table:
    """Return how a customer uses metered services, with what is usual where that is known."""
    usual = usual_words(card, catalogue)
    made = table(
        catalogue.say("Service"),
        catalogue.say("Total"),
        catalogue.say("A day lately"),
        catalogue.say("Days"),
        catalogue.say("From"),
        catalogue.say("To"),
        *((catalogue.say("Usual a day"),) if usual else ()),
        right=(1, 2, 3),
        whole=(4, 5),
    )
    for entry in card.services:
        add_row(
            made,
            entry.service,
            _quantity(Quantity(entry.total, entry.unit), catalogue),
            _quantity(Quantity(entry.per_day_91, entry.unit), catalogue),
            catalogue.number(entry.days),
            catalogue.date(entry.first_day),
            catalogue.date(entry.last_day),
            *((usual.get((entry.service, entry.unit), ""),) if usual else ()),
        )
    if card.services_left_out:
        made.caption = catalogue.say(
            "{number} services longest unused are left out", number=card.services_left_out
        )
    return made


def facts_table(facts: Sequence[FactLine], catalogue: Catalogue, zone: ZoneInfo) -> Table:
    """Return the latest facts, newest first."""
    made = table(
        catalogue.say("Time"),
        catalogue.say("What"),
        catalogue.say("Amount"),
        catalogue.say("Source"),
        catalogue.say("Id there"),
        right=(2,),
        whole=(0,),
    )
    for line in facts:
        add_row(
            made,
            catalogue.time(line.time, zone),
            what_happened(line, catalogue),
            _amount(line, catalogue),
            line.source,
            line.id,
        )
    return made


def _amount(line: FactLine, catalogue: Catalogue) -> str:
    if line.money is not None:
        return catalogue.money(line.money)
    if line.quantity is not None and line.service is not None:
        return f"{line.service} {_quantity(line.quantity, catalogue)}"
    return ""


def _quantity(quantity: Quantity, catalogue: Catalogue) -> str:
    return f"{catalogue.number(quantity.value, 2)} {quantity.unit}"


def _gap(gap: float | None, catalogue: Catalogue) -> str:
    if gap is None:
        return catalogue.say("too few orders to tell")
    return catalogue.say("{gap} days", gap=gap_words(gap, catalogue))
