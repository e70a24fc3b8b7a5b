"""Which release made a projection: its fold and its learner, told by what they make of a golden log."""

from typing import NamedTuple, Self

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from domain.customer.learner_mark import learner_mark
from domain.detection.day_model import START
from events.calendar import date_of
from events.control import ProjectionCreated
from infra.log.head import LogHead
from infra.stream.fold_release import OtherReleaseError


class Release(NamedTuple):
    """What a projection is made by: the fold's fingerprint and the learner's mark."""

    fold: str
    learner: str

    @classmethod
    def of(cls, fold: CustomerFold) -> Self:
        """Return this release's own."""
        return cls(fingerprint(fold), learner_mark(fold))

    def made(self, head: LogHead, projection: str) -> bool:
        """Tell whether a projection was made by this very release."""
        return (head.projections[projection], head.learners.get(projection)) == self


def next_projection(head: LogHead, made_by: Release, first_day: int | None) -> ProjectionCreated:
    """Return a projection named by log, fingerprint and a counter that is never used again."""
    name = f"{head.identity.log_id[:8]}-{made_by.fold[:8]}-{len(head.projections) + 1}"
    begins = None if first_day is None else date_of(first_day)
    return ProjectionCreated(name, made_by.fold, begins, START.version, made_by.learner)


def refuse_other_release(head: LogHead, projection: str, made_by: Release) -> None:
    """Raise `OtherReleaseError` unless a projection was made by this very release.

    For the processes of Kafka mode: of those that share a projection none may go over to another
    fold by itself.
    """
    if made_by.made(head, projection):
        return
    found = Release(head.projections[projection], head.learners.get(projection) or "none")
    raise OtherReleaseError(
        f"projection {projection} was made by a release with fold {found.fold[:12]} and learner"
        f" {found.learner[:12]}, this one has {made_by.fold[:12]} and {made_by.learner[:12]}:"
        " start the release that made it; its states and this release's would not agree"
    )
