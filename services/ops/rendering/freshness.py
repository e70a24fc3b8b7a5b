"""How fresh a screen is, said on every screen."""

import datetime

from infra.messages.catalogue import Catalogue
from services.ops.freshness import Freshness, NothingFolded


def as_of_sentence(day: datetime.date, records_behind: int, catalogue: Catalogue) -> str:
    """Return as of which day something is shown, and how far behind the log that is."""
    if not records_behind:
        return catalogue.say("as of {day}, the log's open day", day=day)
    return catalogue.say_plural(
        "as of {day}; {number} newer record of the log is not folded in yet",
        "as of {day}; {number} newer records of the log are not folded in yet",
        records_behind,
        day=day,
    )


def freshness_sentence(fresh: Freshness, catalogue: Catalogue) -> str:
    """Return the same of a list."""
    return as_of_sentence(fresh.as_of, fresh.records_behind, catalogue)


def nothing_folded_sentence(nothing: NothingFolded, catalogue: Catalogue) -> str:
    """Return why there is nothing to show yet, and what to do."""
    if not nothing.records:
        return catalogue.say("The log is empty: `holdfast import` or `holdfast serve` fills it.")
    return catalogue.say_plural(
        "The log has {number} record, none of it folded yet: `holdfast serve` does that.",
        "The log has {number} records, none of them folded yet: `holdfast serve` does that.",
        nothing.records,
    )
