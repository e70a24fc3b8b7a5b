"""The course of a learner through the days: what it makes of a day's snapshots, and what it decides.

On day T it is fed the day's snapshots of active customers, learns the labels that this day releases,
those of the snapshots of T - horizon, and decides the model of T + 1. Everything goes in the order
of customer ids, and everything it knows is in its state: so the same snapshots give the same
decisions, wherever the course was broken off and taken up again.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from domain.learning.admission import Refused, admit
from domain.learning.cut_points import CutPointsKept, CutPointsState
from domain.learning.labels import released_labels
from domain.learning.learner import Learner, LearnerState
from domain.learning.live_loss import LiveLoss
from domain.learning.model import start_model
from domain.learning.recipe import Recipe
from domain.learning.scoring import log_loss
from events.calendar import day_number
from events.models import ChurnModel
from events.snapshots import SnapshotTaken


class Syllabus(msgspec.Struct, frozen=True):
    """What a course goes by.

    ``horizon_days`` is a multiple of 7; of snapshots taken in the log's first
    ``first_days_ignored`` days nothing is learned, for their histories are too short.
    """

    recipe: Recipe
    horizon_days: int
    first_days_ignored: int


class CourseState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a course knows after a day. ``incumbent`` is the last model that was admitted."""

    incumbent: ChurnModel
    learner: LearnerState
    cut_points: CutPointsState = CutPointsState()
    loss: LiveLoss = LiveLoss()
    first_label_day: datetime.date | None = None
    last_label_day: datetime.date | None = None


class Decision(msgspec.Struct, frozen=True):
    """The model of the next day; None for the one that stands. ``refused`` says why it stays."""

    model: ChurnModel | None
    refused: str | None = None


Lesson = tuple[SnapshotTaken, bool]
"""A snapshot and whether its customer churned within the horizon after it."""


class Pupil(NamedTuple):
    """A snapshot as the join of labels reads it."""

    customer_id: str
    last_day: int
    taken: SnapshotTaken


class Course:
    """Goes from day to day. Days must follow on each other, from the first day of the log."""

    def __init__(self, syllabus: Syllabus, first_day: int, state: CourseState) -> None:
        self._syllabus = syllabus
        self._first_day = first_day
        self._state = state
        self._learner = Learner.of(syllabus.recipe, state.learner)
        self._cut_points = CutPointsKept(state.cut_points)

    @property
    def state(self) -> CourseState:
        """Return all that it knows."""
        return self._state

    def go_through(
        self, day: int, taken: Sequence[SnapshotTaken], earlier: Sequence[SnapshotTaken]
    ) -> Decision:
        """Learn a day: its snapshots, and those of ``day`` - horizon that it gives labels to.

        Both stand in any order. A customer who was set aside since has no later snapshot, and so
        no label. Raises ``ValueError`` for a horizon that is no multiple of 7.
        """
        taken = sorted(taken, key=lambda snapshot: snapshot.customer_id)
        labels = self._labels(day, taken, earlier)
        self._feed(taken)
        lessons = [(snapshot, gone) for snapshot, gone in labels if self._teaches(snapshot)]
        for snapshot, churned in lessons:
            self._learner.learn(snapshot.inputs, churned=churned)
        self._remember(labels, lessons)
        return self._decided(lessons) if taken or labels else Decision(None)

    def _feed(self, taken: Sequence[SnapshotTaken]) -> None:
        for snapshot in taken:
            if snapshot.active:
                self._learner.feed(snapshot.inputs)
                self._cut_points.add(snapshot.stake, snapshot.volume)
        self._cut_points.pass_day()

    def _remember(self, labels: Sequence[Lesson], lessons: Sequence[Lesson]) -> None:
        """Keep what is known after a day: scores are judged as they were given at the time."""
        losses = [log_loss(snapshot.log_odds, churned=churned) for snapshot, churned in labels]
        first, last = self._state.first_label_day, self._state.last_label_day
        if lessons:
            last = lessons[-1][0].day
        self._state = msgspec.structs.replace(
            self._state,
            learner=self._learner.state(),
            cut_points=self._cut_points.state(),
            loss=self._state.loss.after_day(losses),
            first_label_day=first or last,
            last_label_day=last,
        )

    def _labels(
        self, day: int, taken: Sequence[SnapshotTaken], earlier: Sequence[SnapshotTaken]
    ) -> list[Lesson]:
        """Return the snapshots of active customers whose labels this day releases."""
        now = [_pupil(snapshot) for snapshot in taken]
        still_here = {pupil.customer_id for pupil in now}
        owed = [
            _pupil(snapshot)
            for snapshot in earlier
            if snapshot.active and snapshot.customer_id in still_here
        ]
        then = sorted(owed, key=lambda pupil: pupil.customer_id)
        released = released_labels(then, now, day, self._syllabus.horizon_days)
        return [(pupil.taken, churned) for pupil, churned in released]

    def _teaches(self, snapshot: SnapshotTaken) -> bool:
        return day_number(snapshot.day) - self._first_day >= self._syllabus.first_days_ignored

    def _decided(self, lessons: Sequence[Lesson]) -> Decision:
        candidate = self._candidate()
        rows = [snapshot.inputs for snapshot, _ in lessons]
        churned = [gone for _, gone in lessons]
        verdict = admit(candidate.scorer, self._state.incumbent.scorer, rows, churned)
        if isinstance(verdict, Refused):
            return Decision(None, verdict.reason.value)
        self._state = msgspec.structs.replace(self._state, incumbent=candidate)
        return Decision(candidate)

    def _candidate(self) -> ChurnModel:
        return ChurnModel(
            recipe=self._syllabus.recipe.title,
            scorer=self._learner.scorer(),
            snapshots=self._learner.snapshots,
            labels=self._learner.labels,
            first_label_day=self._state.first_label_day,
            last_label_day=self._state.last_label_day,
            log_loss=self._state.loss.mean(),
            cut_points=self._cut_points.cut_points(),
        )


def beginning(recipe: Recipe) -> CourseState:
    """Return the state of a course before its first day."""
    return CourseState(start_model(recipe), Learner(recipe).state())


def _pupil(snapshot: SnapshotTaken) -> Pupil:
    return Pupil(snapshot.customer_id, day_number(snapshot.last_day), snapshot)
