"""A history so long that a slip in one date is likelier: every day of it would be opened."""

from events.calendar import date_of
from services.ingest.importing.refusals import LongHistoryError
from services.ingest.importing.spool import Spool

LONG_HISTORY_DAYS = 7_305
"""Twenty years."""

FACTS_LOOKED_AT = 100
FIRST_PLACES = 3


def refuse_long_history(spool: Spool) -> None:
    """Raise `LongHistoryError` where the first fact lies more than 20 years before the last."""
    days = spool.days()
    if days is None or days[1] - days[0] <= LONG_HISTORY_DAYS:
        return
    label, kinds = spool.label, range(len(spool.label.types))
    early = spool.facts_before(days[1] - LONG_HISTORY_DAYS, kinds, None, FACTS_LOOKED_AT)
    places = dict.fromkeys(label.place(fact.sequence) for fact in early)
    raise LongHistoryError(
        date_of(days[0]).isoformat(), date_of(days[1]).isoformat(), tuple(places)[:FIRST_PLACES]
    )
