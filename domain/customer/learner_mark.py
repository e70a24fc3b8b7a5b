"""The mark of the learner: another learner, or another of its numbers, another mark.

It stands in the first record of a projection. What was folded stays what it is whoever learns, since
the models stand in the log; but the models of one projection are to be those of one learner, so that
they can be learned again and compared.
"""

from collections.abc import Iterator

from domain.customer.fold import CustomerFold
from domain.customer.golden_fold import DAYS, GoldenFold
from domain.customer.golden_model import TAUGHT
from domain.detection import churn_syllabus
from domain.learning import admission, cut_points, live_loss
from domain.learning.course import Course, Decision, beginning
from events import codec
from events.calendar import day_number
from events.snapshots import SnapshotTaken

DIGITS = 12


def learner_mark(fold: CustomerFold) -> str:
    """Return the recipe's title and the digest of what the learner makes of the golden history.

    Such as ``churn-1:5c1f0e8a90b2``.
    """
    decided = [codec.encode(decision) for decision in golden_decisions(fold)]
    digest = codec.digest(repr(_settings()).encode(), *decided).hex()
    return f"{churn_syllabus.CHURN.recipe.title}:{digest[:DIGITS]}"


def golden_decisions(fold: CustomerFold) -> Iterator[Decision]:
    """Yield what the learner decides by the golden customer's snapshots, day by day."""
    syllabus = churn_syllabus.CHURN
    course = Course(syllabus, 0, beginning(syllabus.recipe))
    outputs = GoldenFold(fold.under(TAUGHT)).outputs
    snapshots = [output for output in outputs if isinstance(output, SnapshotTaken)]
    taken = {day_number(snapshot.day): [snapshot] for snapshot in snapshots}
    for day in range(DAYS):
        earlier = taken.get(day - syllabus.horizon_days, ())
        yield course.go_through(day, taken.get(day, ()), earlier)


def _settings() -> tuple[object, ...]:
    """Return every number that learning is tuned by: the golden history need not touch each."""
    return (
        churn_syllabus.CHURN,
        admission.MARGIN,
        admission.LEAST_LABELS,
        (cut_points.BIN_RATIO, cut_points.LEAST_COUNT, cut_points.LEFT_AFTER_A_DAY),
        (cut_points.MIDDLE, cut_points.HIGH),
        live_loss.LEFT_AFTER_A_DAY,
    )
