"""The facts behind a reason: "behind it: 7 orders from DAY to DAY; newest: ..."."""

from collections.abc import Sequence

from events.figures import Evidence
from infra.messages.catalogue import Catalogue
from services.ops.fact_lines import FactLine
from services.ops.rendering.fact_wording import what_happened


def evidence_words(
    window: Evidence, number: int, newest: Sequence[FactLine], catalogue: Catalogue
) -> str:
    """Return how many facts stand in a window of days, and the newest of them."""
    facts = counted(window.fact_type, number, catalogue)
    if not newest:
        return catalogue.say(
            "behind it: {facts} from {first} to {last}",
            facts=facts,
            first=window.first_day,
            last=window.last_day,
        )
    return catalogue.say(
        "behind it: {facts} from {first} to {last}; newest: {newest}",
        facts=facts,
        first=window.first_day,
        last=window.last_day,
        newest=catalogue.joined([_brief(line, catalogue) for line in newest]),
    )


def counted(fact_type: str, number: int, catalogue: Catalogue) -> str:
    """Return so many facts of a type; the type itself where there is no word for it."""
    words = {
        "crm.order.placed.v1": catalogue.say_plural("{number} order", "{number} orders", number),
        "crm.order.returned.v1": catalogue.say_plural(
            "{number} return", "{number} returns", number
        ),
        "crm.usage.recorded.v1": catalogue.say_plural(
            "{number} record of use", "{number} records of use", number
        ),
        "crm.complaint.opened.v1": catalogue.say_plural(
            "{number} complaint", "{number} complaints", number
        ),
        "crm.interaction.recorded.v1": catalogue.say_plural(
            "{number} contact", "{number} contacts", number
        ),
    }
    return words.get(fact_type, f"{fact_type} × {catalogue.number(number)}")


def _brief(line: FactLine, catalogue: Catalogue) -> str:
    """Return a day with how much it was, or what it was where that is no amount."""
    day = catalogue.date(line.day)
    if line.money is not None:
        return f"{day} {catalogue.money(line.money)}"
    if line.quantity is not None:
        return f"{day} {catalogue.number(line.quantity.value, 2)} {line.quantity.unit}"
    if line.channel is None and line.category is None:
        return day
    return f"{day} ({what_happened(line, catalogue)})"
