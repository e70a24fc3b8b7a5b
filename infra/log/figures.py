"""What a service that follows the log shows of it at ``/metrics``, worked out when it is asked."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from events.calendar import day_number
from infra.log.head import LogHead

NONE_LEARNED = -1


def show_log(registry: CollectorRegistry, head: Callable[[], LogHead | None]) -> None:
    """Show the open day, the model's age, and for how many days models are awaited."""
    for name, says, figure in (
        ("open_day", "The open day, in days since 1970-01-01.", open_day),
        ("model_age_days", "Days since a model was last learned; -1 before the first.", model_age),
        ("undecided_days", "Days opened whose model is awaited by profiles.", undecided_days),
    ):
        gauge = Gauge(f"holdfast_log_{name}", says, registry=registry)
        gauge.set_function(_asked(figure, head))


def _asked(
    figure: Callable[[LogHead | None], int], head: Callable[[], LogHead | None]
) -> Callable[[], float]:
    return lambda: figure(head())


def open_day(head: LogHead | None) -> int:
    """Return the open day, 0 before the first."""
    return 0 if head is None or head.open_day is None else head.open_day


def model_age(head: LogHead | None) -> int:
    """Return how many days ago the last model was learned, `NONE_LEARNED` before the first."""
    if head is None or head.open_day is None or head.standing is None:
        return NONE_LEARNED
    learned = (
        decided
        for decided in reversed(head.decisions.get(head.standing, ()))
        if decided.model is not None
    )
    last = next(learned, None)
    return NONE_LEARNED if last is None else max(0, head.open_day - day_number(last.day))


def undecided_days(head: LogHead | None) -> int:
    """Return how many opened days have no model decided, where one is learned."""
    if head is None or head.open_day is None or head.standing not in head.learners:
        return 0
    decided = head.decided_up_to(head.standing) or head.first_day or head.open_day
    return max(0, head.open_day - decided)
