"""Gates are asked in order, each with what it found and what it needs; routing finds who fits."""

import datetime

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.retention.account import Episodes
from domain.retention.gates import Case, judge, line_check, verdict
from domain.retention.manager import Manager
from domain.retention.policy import DEFAULT_RULES, Policy, policy_hash
from domain.retention.routing import Routed, route
from domain.retention.working_time import WorkingClock, WorkingTime
from events.desk import Leave, ManagerListed
from events.judgements import Gate, GateCheck, Measure, Verdict
from events.marks import Emission
from events.signals import Placement, SignalReason
from events.task_values import Outcome, Route, TaskId
from tests.unit.domain.retention.given import (
    ACCOUNT,
    ANN,
    BEN,
    DAY,
    QUEUED_TASK,
    TASK,
    evidence,
)

QUIET = SignalReason.UNUSUALLY_QUIET
PLACE = Placement(ACCOUNT, ANN, "north", "gold")
POLICY = Policy()
CASE = Case(QUIET, PLACE, evidence(), 8_000, Emission.LIVE, 0)
OPEN = Episodes(1, TASK)
CLOSED = Episodes(1, TASK, (), Outcome.UNREACHABLE, DAY - datetime.timedelta(days=27))


def last(case: Case, episodes: Episodes | None = None, policy: Policy = POLICY) -> GateCheck:
    return judge(case, episodes, policy, DAY)[-1]


def but(**changed: object) -> Case:
    return msgspec.structs.replace(CASE, **changed)


def test_a_signal_that_passes_every_gate_was_asked_all_of_them_in_order() -> None:
    checks = judge(CASE, None, POLICY, DAY)

    assert [check.gate for check in checks] == sorted(
        (check.gate for check in checks), key=list(Gate).index
    )
    assert {check.gate for check in checks} == set(Gate) - {Gate.OPENING_LIMIT}
    assert verdict(checks, None) is Verdict.OPENED


RULE = DEFAULT_RULES[QUIET]
CASES = [
    (but(emission=Emission.HISTORY), POLICY, Measure.EMISSION, "history", "live"),
    (but(age=8), POLICY, Measure.AGE, 8.0, 7.0),
    (
        CASE,
        Policy(reasons={QUIET: msgspec.structs.replace(RULE, switched_on=False)}),
        Measure.REASON,
        "off",
        "on",
    ),
    (CASE, Policy(left_out_tiers=("gold",)), Measure.TIER, "gold", "gold"),
    (CASE, Policy(left_out_regions=("north", "east")), Measure.REGION, "north", "north, east"),
    (but(evidence=evidence(stake=4_999)), POLICY, Measure.STAKE, 4_999.0, 5_000.0),
    (
        CASE,
        Policy(reasons={QUIET: msgspec.structs.replace(RULE, least_probability=0.6)}),
        Measure.PROBABILITY,
        0.5,
        0.6,
    ),
    (but(value=999), POLICY, Measure.VALUE, 999.0, 1_000.0),
]


@pytest.mark.parametrize(("case", "policy", "measure", "actual", "needed"), CASES)
def test_a_gate_that_does_not_let_pass_says_what_it_found_and_needs(
    case: Case, policy: Policy, measure: Measure, actual: object, needed: object
) -> None:
    check = last(case, None, policy)

    assert (check.measure, check.actual, check.needed) == (measure, actual, needed)
    assert verdict((check,), None) is Verdict.WITHHELD


def test_what_is_open_already_is_joined_also_by_history() -> None:
    assert last(CASE, OPEN) == GateCheck(Gate.OPEN_ALREADY, Measure.OPEN_TASK, TASK, None, False)
    assert verdict(judge(CASE, OPEN, POLICY, DAY), OPEN) is Verdict.JOINED
    history = judge(but(emission=Emission.HISTORY), OPEN, POLICY, DAY)
    assert verdict(history, OPEN) is Verdict.JOINED


def test_after_a_task_the_same_reason_rests_by_its_outcome() -> None:
    assert last(CASE, CLOSED) == GateCheck(
        Gate.COOL_DOWN, Measure.DAYS_SINCE_CLOSED, 27.0, 28.0, False
    )
    assert last(CASE, CLOSED, Policy(cool_down={Outcome.UNREACHABLE: 27})).passed
    assert last(CASE, msgspec.structs.replace(CLOSED, outcome=Outcome.RECOVERED_UNTOUCHED)).passed


def test_a_pass_gives_each_manager_so_many_tasks_and_no_more() -> None:
    assert [line_check(place, 2).passed for place in (1, 2, 3)] == [True, True, False]


LISTED = {
    ANN: ManagerListed(ANN, 2, ("north",), BEN),
    BEN: ManagerListed(BEN, 2, ("south",)),
    "AM-3": ManagerListed("AM-3", 5),
    "AM-4": ManagerListed("AM-4", 5, ("north",)),
}
AWAY = (Leave(DAY, DAY),)


def team_of(tasks: dict[str, int]) -> dict[str, Manager]:
    """Everybody, with so many open tasks."""
    return {
        code: Manager(code, 1, listed, frozenset(TaskId(str(n)) for n in range(tasks.get(code, 0))))
        for code, listed in LISTED.items()
    }


@pytest.mark.parametrize(
    ("tasks", "declined", "expected"),
    [
        ({}, (), Routed(ANN, Route.OWNER)),
        ({ANN: 2}, (), Routed(BEN, Route.BACKUP)),
        ({}, (ANN,), Routed(BEN, Route.BACKUP)),
        ({ANN: 2, BEN: 2}, (), Routed("AM-3", Route.LEAST_LOADED)),
        ({ANN: 2, BEN: 2, "AM-3": 3, "AM-4": 1}, (), Routed("AM-4", Route.LEAST_LOADED)),
        ({ANN: 2, BEN: 2, "AM-3": 5}, ("AM-4",), None),
    ],
)
def test_a_task_goes_to_its_owner_the_backup_or_the_least_loaded_who_fits(
    tasks: dict[str, int], declined: tuple[str, ...], expected: Routed | None
) -> None:
    assert route(QUEUED_TASK.placement, declined, team_of(tasks), DAY) == expected


def test_nothing_goes_to_who_is_away_or_to_a_region_that_is_not_its_own() -> None:
    managers = team_of({"AM-3": 5})
    listed = msgspec.structs.replace(LISTED[ANN], leave=AWAY)
    managers[ANN] = msgspec.structs.replace(managers[ANN], listed=listed)
    eastern = Placement(ACCOUNT, ANN, "east")

    assert route(PLACE, (BEN,), managers, DAY) == Routed("AM-4", Route.LEAST_LOADED)
    assert route(eastern, (BEN,), managers, DAY) is None


def test_a_hash_names_a_policy() -> None:
    assert policy_hash(POLICY) == policy_hash(Policy(reasons=dict(reversed(DEFAULT_RULES.items()))))
    assert policy_hash(POLICY) != policy_hash(Policy(fresh_days=8))


LONDON = WorkingClock(WorkingTime(), "Europe/London")


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2011-09-12T08:00Z", 4, "2011-09-12T12:00Z"),  # 9 o'clock in a London summer
        ("2011-09-12T08:00Z", 8, "2011-09-12T16:00Z"),
        ("2011-09-12T15:00Z", 4, "2011-09-13T11:00Z"),
        ("2011-09-16T20:00Z", 1, "2011-09-19T09:00Z"),  # a Friday evening
        ("2011-10-28T15:00Z", 2, "2011-10-31T10:00Z"),  # the clocks go back over this weekend
    ],
)
def test_working_hours_pass_while_people_work(start: str, hours: int, end: str) -> None:
    assert LONDON.after(at(start), hours) == at(end)


@drawn(
    start=st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minute: at("2011-01-01T00:00Z") + datetime.timedelta(minutes=minute)
    ),
    hours=st.integers(1, 200),
)
def test_what_is_due_later_lies_so_many_working_minutes_ahead(
    start: datetime.datetime, hours: int
) -> None:
    end = LONDON.after(start, hours)

    assert LONDON.minutes(end) - LONDON.minutes(start) == hours * 60
    assert LONDON.slot(end) >= LONDON.slot(start)
