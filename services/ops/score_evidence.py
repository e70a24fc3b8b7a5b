"""The facts behind a churn score: each reason names a fact type and a window, the log has the rest."""

from collections.abc import Sequence

import msgspec

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.figures import ChurnFigures, Evidence, ReasonGroup
from infra.log.records import FactRecord
from services.ops.fact_lines import FactLine, newest_lines

NEWEST_FACTS = 5


class ReasonEvidence(msgspec.Struct, frozen=True):
    """The facts behind a reason: type and window of days, how many, and the newest five."""

    group: ReasonGroup
    window: Evidence
    facts: int
    newest: tuple[FactLine, ...]


def score_evidence(
    churn: ChurnFigures | None, facts: Sequence[FactRecord]
) -> tuple[ReasonEvidence, ...]:
    """Return what stands behind each reason of a score, in their order; nothing without a score.

    ``facts`` are those of the customer that the score was made of.
    """
    if churn is None:
        return ()
    return tuple(_evidence(reason.group, reason.evidence, facts) for reason in churn.reasons)


def _evidence(group: ReasonGroup, window: Evidence, facts: Sequence[FactRecord]) -> ReasonEvidence:
    behind = facts_in(window, facts)
    return ReasonEvidence(group, window, len(behind), newest_lines(behind, NEWEST_FACTS))


def facts_in(window: Evidence, facts: Sequence[FactRecord]) -> list[FactRecord]:
    """Return the facts of the window's type and days, whatever version they were written in."""
    first, last = day_number(window.first_day), day_number(window.last_day)
    return [
        fact
        for fact in facts
        if fact.day is not None
        and first <= fact.day <= last
        and REGISTRY.current_name(fact.type) == window.fact_type
    ]
