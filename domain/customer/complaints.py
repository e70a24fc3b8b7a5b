"""What a customer complains about: how often, how gravely, what is open, and what came of it.

Facts about one complaint may arrive late and in any order, so that the fold goes by two rules:

- **The latest day stands.** Whether a complaint is open is what the fact of the latest day says; of
  the same day, the one that arrived last. An opening comes before all else: one that arrives after
  the resolution opens nothing. Every fact is counted, whether it decides or not.
- **A repeat counts nothing.** That is a second opening, and a resolution or reopening of what is
  closed or open already, unless it is of a later day than all that is known of the complaint: then
  the customer has come back, and what lies between may still be on its way.

A resolution or reopening of a complaint that nobody opened is counted and believed: the opening may
be late, or older than the log.
"""

from typing import assert_never

import msgspec

from domain.customer.known_complaints import KnownComplaint, KnownComplaints
from domain.decay import DECAY_91
from events import codec
from events.complaints import (
    ComplaintOpened,
    ComplaintReopened,
    ComplaintResolved,
    Satisfaction,
    Severity,
)

ComplaintFact = ComplaintOpened | ComplaintResolved | ComplaintReopened

SEVERITY_WEIGHTS = {
    Severity.LOW: 1.0,
    Severity.MEDIUM: 2.0,
    Severity.HIGH: 4.0,
    Severity.CRITICAL: 8.0,
}
"""What a complaint adds to the weighted sum."""

SEVERITY_UNSAID = Severity.MEDIUM
"""A reopened complaint weighs so much where nobody judged it anew."""


class Complaints(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Complaints of one customer. Openings and reopenings add to the decayed sums.

    These are as of ``last_day``, the last day of either.
    """

    known: KnownComplaints = KnownComplaints()
    opened: int = 0
    resolved: int = 0
    reopened: int = 0
    unsatisfied: int = 0
    complaints_91: float = 0.0
    severity_91: float = 0.0
    last_day: int | None = None

    def with_fact(self, fact: ComplaintFact, day: int) -> "Complaints":
        """Return the complaints after a fact of ``day``."""
        match fact:
            case ComplaintOpened():
                return self._opened(fact, day)
            case ComplaintResolved():
                return self._resolved(fact, day)
            case ComplaintReopened():
                return self._reopened(fact, day)
            case _ as never:
                assert_never(never)

    def _opened(self, fact: ComplaintOpened, day: int) -> "Complaints":
        number = number_of(fact.complaint_id)
        known = self.known.find(number)
        if known is not None and known.opened:
            return self
        told = (
            KnownComplaint(number, day, day, opened=True)
            if known is None
            else known.opening_told(day)
        )
        return msgspec.structs.replace(
            self._complained(day, fact.severity),
            known=self.known.having(told),
            opened=self.opened + 1,
        )

    def _resolved(self, fact: ComplaintResolved, day: int) -> "Complaints":
        number = number_of(fact.complaint_id)
        known, others = self.known.find(number), self.known
        if known is None:
            told = KnownComplaint(number, day, None, opened=others.more_open > 0)
            others = others.closing_one()
        elif known.repeats(day, to_open=False):
            return self
        else:
            told = known.told(day, to_open=False)
        return msgspec.structs.replace(
            self,
            known=others.having(told),
            resolved=self.resolved + 1,
            unsatisfied=self.unsatisfied + (fact.satisfaction is Satisfaction.UNSATISFIED),
        )

    def _reopened(self, fact: ComplaintReopened, day: int) -> "Complaints":
        number = number_of(fact.complaint_id)
        known = self.known.find(number)
        if known is None:
            told = KnownComplaint(number, day, day, opened=False)
        elif known.repeats(day, to_open=True):
            return self
        else:
            told = known.told(day, to_open=True)
        return msgspec.structs.replace(
            self._complained(day, fact.severity or SEVERITY_UNSAID),
            known=self.known.having(told),
            reopened=self.reopened + 1,
        )

    def _complained(self, day: int, severity: Severity) -> "Complaints":
        last_day, weight = self.last_day, SEVERITY_WEIGHTS[severity]
        return msgspec.structs.replace(
            self,
            complaints_91=DECAY_91.added(self.complaints_91, last_day, 1.0, day),
            severity_91=DECAY_91.added(self.severity_91, last_day, weight, day),
            last_day=day if last_day is None else max(day, last_day),
        )


def number_of(complaint_id: str) -> int:
    """Return the first 8 bytes of the digest of a complaint's id, as a number."""
    return int.from_bytes(codec.digest(complaint_id.encode())[:8], "big")
