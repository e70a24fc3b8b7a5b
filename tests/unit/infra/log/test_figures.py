"""What is shown of the log at /metrics, from heads as they stand."""

import msgspec
from prometheus_client import CollectorRegistry

from events.calendar import date_of
from events.control import ModelDecided, ProjectionCreated
from events.marks import DayOpened, Emission, Emitting
from infra.log.figures import NONE_LEARNED, show_log
from infra.log.head import LogHead, evolve
from tests.support.given import DAY, LOG
from tests.support.models import churn_model

PROJECTION = "first"


def shown(head: LogHead | None) -> tuple[float | None, ...]:
    registry = CollectorRegistry()
    show_log(registry, lambda: head)
    names = ("open_day", "model_age_days", "undecided_days")
    return tuple(registry.get_sample_value(f"holdfast_log_{name}") for name in names)


def head_of(*decided: ModelDecided, opened: int) -> LogHead:
    head = evolve(None, LOG)
    head = evolve(head, ProjectionCreated(PROJECTION, "f", None, "start", "learner"))
    head = evolve(head, Emitting(PROJECTION, Emission.LIVE))
    for day in range(DAY, opened + 1):
        head = evolve(head, DayOpened(date_of(day)))
    for decision in decided:
        head = evolve(head, decision)
    return head


def test_before_there_is_a_log_nothing_is_awaited() -> None:
    assert shown(None) == (0, NONE_LEARNED, 0)


def test_a_model_ages_by_the_open_day_whatever_was_left_unchanged_since() -> None:
    learned = ModelDecided(PROJECTION, date_of(DAY + 1), churn_model({}))
    unchanged = ModelDecided(PROJECTION, date_of(DAY + 3))

    assert shown(head_of(learned, unchanged, opened=DAY + 3)) == (DAY + 3, 2, 0)


def test_days_without_a_decision_are_counted() -> None:
    assert shown(head_of(opened=DAY + 4)) == (DAY + 4, NONE_LEARNED, 4)


def test_who_does_not_learn_awaits_no_model() -> None:
    head = msgspec.structs.replace(head_of(opened=DAY + 4), learners={})

    assert shown(head)[2] == 0
