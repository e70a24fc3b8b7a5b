"""An account of an import out of its spool: every line, every fact, every dead letter."""

from collections.abc import Mapping

from events.calendar import date_of
from infra.log.port import Tallies
from services.ingest.importing.spool import Spool
from services.ingest.importing.summary import FactDays, ImportSummary
from services.ingest.tallies import ACCEPTED, DUPLICATE


def fact_days(spool: Spool) -> FactDays | None:
    """Return between which days the spool's facts lie."""
    days = spool.days()
    return None if days is None else FactDays(date_of(days[0]), date_of(days[1]))


def summary_of(spool: Spool) -> ImportSummary:
    """Return what has come of a spool so far."""
    label, outcomes = spool.label, spool.outcomes()
    return ImportSummary(
        import_id=label.import_id,
        accounting=spool.ledger().accounting(),
        appended=label.by_type({kind: appended for kind, (appended, _) in outcomes.items()}),
        present=label.by_type({kind: present for kind, (_, present) in outcomes.items()}),
        days=fact_days(spool),
    )


def tallies_of(spool: Spool, letters: Mapping[str, int]) -> Tallies:
    """Return what has come of a spool so far as counts of its source; ``letters`` by reason."""
    source, outcomes = spool.label.source, spool.outcomes().values()
    tallies = {
        (source, ACCEPTED): sum(appended for appended, _ in outcomes),
        (source, DUPLICATE): sum(present for _, present in outcomes),
    }
    tallies |= {(source, reason): number for reason, number in letters.items()}
    return {what: number for what, number in tallies.items() if number}
