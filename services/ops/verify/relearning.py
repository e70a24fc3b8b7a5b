"""The proof of the learning: a second loop over the recorded snapshots, without the learner's service.

It goes through a course of its own from the first day on, and compares each decision with the one
that stands. Nothing that the learner keeps is read.
"""

from collections.abc import Sequence
from itertools import islice

from domain.detection.churn_syllabus import CHURN
from domain.learning.course import Course, Decision, beginning
from domain.learning.model import version_of
from events.calendar import date_of
from events.models import ChurnModel
from events.snapshots import SnapshotTaken
from infra.archive.port import FactArchive
from infra.log.head import LogHead
from services.ops.verify.log_check import Progress
from services.ops.verify.recorded_days import RecordedDay, UnreadableSnapshotError, recorded_days
from services.ops.verify.recorded_decisions import RecordedDecision, recorded_decisions
from services.ops.verify.report import Findings, Kind, Relearned
from services.ops.verify.struct_diff import differing_fields

FIELDS_NAMED = 3
DAYS_A_REPORT = 10


class Relearning:
    """One pass over the days of a projection that learns."""

    def __init__(
        self, archive: FactArchive, head: LogHead, projection: str, findings: Findings
    ) -> None:
        self._archive = archive
        self._projection = projection
        self._findings = findings
        self._first_day = head.first_day or 0
        self._days = 0 if head.open_day is None else head.open_day - self._first_day + 1
        self._recorded: dict[int, RecordedDecision] = {}
        self._undecided: list[int] = []
        self._compared = self._passed_over = 0

    async def run(self, progress: Progress) -> Relearned:
        """Learn all that was recorded again; every decision that differs is a finding."""
        self._recorded = recorded_decisions(await self._archive.control(), self._projection)
        last_decided = max(self._recorded, default=self._first_day)
        try:
            last_closed = await self._go_through(progress)
        except (UnreadableSnapshotError, ValueError) as error:
            self._differs(None, f"it cannot be learned again: {error}")
            return Relearned(self._compared, self._passed_over)
        for day in self._undecided:
            if day <= max(last_closed, last_decided):
                self._differs(day, "no model was decided")
        for day, recorded in self._recorded.items():
            if not recorded.passed_over:
                self._differs(day, "a model was decided before the day before it was closed")
        return Relearned(self._compared, self._passed_over)

    async def _go_through(self, progress: Progress) -> int:
        """Go through the closed days; return the last one of them."""
        course = Course(CHURN, self._first_day, beginning(CHURN.recipe))
        behind = recorded_days(self._archive, self._projection)
        day = self._first_day - 1
        async for closed in recorded_days(self._archive, self._projection):
            day += 1
            _demand(closed, day)
            earlier: Sequence[SnapshotTaken] = ()
            if day - CHURN.horizon_days >= self._first_day:
                earlier = (await anext(behind)).snapshots
            self._compare(day + 1, course.go_through(day, closed.snapshots, earlier))
            done = day - self._first_day + 1
            if done % DAYS_A_REPORT == 0:
                progress("models", done, self._days)
        progress("models", self._days, self._days)
        return day

    def _compare(self, day: int, learned: Decision) -> None:
        recorded = self._recorded.pop(day, None)
        if recorded is None:
            self._undecided.append(day)
            return
        self._compared += 1
        decided = recorded.decided
        if (decided.model, decided.refused) == (learned.model, learned.refused):
            return
        if recorded.passed_over:
            self._passed_over += 1
            return
        stands = _named(decided.model, decided.refused)
        detail = f"decided: {stands}, learned again: {_named(learned.model, learned.refused)}"
        differing = islice(differing_fields(decided.model, learned.model), FIELDS_NAMED)
        if decided.model is not None and learned.model is not None:
            detail = "; ".join([detail, *differing])
        self._differs(day, detail)

    def _differs(self, day: int | None, detail: str) -> None:
        of_day = "" if day is None else f", model of {date_of(day)}"
        self._findings.add(Kind.MODEL, f"projection {self._projection}{of_day}", detail)


def _demand(closed: RecordedDay, day: int) -> None:
    """Raise ``ValueError`` where another day was closed than the one that comes next."""
    if closed.day != day:
        raise ValueError(
            f"{date_of(closed.day)} was closed where {date_of(day)} was to come next, so snapshots"
            " are missing"
        )


def _named(model: ChurnModel | None, refused: str | None) -> str:
    if model is not None:
        return f"model {version_of(model)}"
    return "as it was" if refused is None else f"as it was, for one was {refused}"
