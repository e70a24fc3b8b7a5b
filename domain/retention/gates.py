"""The gates between a signal and a task, asked in their order until one does not let it pass."""

import datetime
from collections.abc import Iterator
from typing import assert_never

import msgspec

from domain.retention.account import Episodes
from domain.retention.policy import Policy
from events.judgements import Gate, GateCheck, Measure, Verdict
from events.marks import Emission
from events.signals import Placement, SignalReason
from events.task_values import TaskEvidence

ON, OFF = "on", "off"


class Case(msgspec.Struct, frozen=True):
    """A signal before the gates.

    ``emission`` tells history from live, ``age`` is how many days lie between the signal and the open
    day, and ``value`` is the priority that the signal alone would give a task, in minor units.
    """

    reason: SignalReason
    placement: Placement
    evidence: TaskEvidence
    value: int
    emission: Emission
    age: int


def judge(
    case: Case, episodes: Episodes | None, policy: Policy, today: datetime.date
) -> tuple[GateCheck, ...]:
    """Return the checks that were made, in order; only the last may not have passed."""
    made: list[GateCheck] = []
    for check in _checks(case, episodes, policy, today):
        made.append(check)
        if not check.passed:
            break
    return tuple(made)


def verdict(checks: tuple[GateCheck, ...], episodes: Episodes | None) -> Verdict:
    """Return what becomes of a signal. One of history opens nothing, but joins what is open."""
    last = checks[-1]
    if last.passed:
        return Verdict.OPENED
    is_open = episodes is not None and episodes.open_task is not None
    joins = last.gate is Gate.OPEN_ALREADY or last.measure is Measure.EMISSION
    return Verdict.JOINED if joins and is_open else Verdict.WITHHELD


def line_check(place: int, limit: int) -> GateCheck:
    """Return the check of a pass: how many tasks the manager was given before, and how many it may be."""
    return GateCheck(
        Gate.OPENING_LIMIT, Measure.PLACE_IN_LINE, float(place), float(limit), place <= limit
    )


def _checks(
    case: Case, episodes: Episodes | None, policy: Policy, today: datetime.date
) -> Iterator[GateCheck]:
    for gate in Gate:
        match gate:
            case Gate.FRESH:
                yield from _fresh(case, policy)
            case Gate.ELIGIBLE:
                yield from _eligible(case, policy)
            case Gate.THRESHOLD:
                yield from _threshold(case, policy)
            case Gate.OPEN_ALREADY:
                task = None if episodes is None else episodes.open_task
                yield GateCheck(gate, Measure.OPEN_TASK, task, None, task is None)
            case Gate.COOL_DOWN:
                yield _cooled_down(episodes, policy, today)
            case Gate.OPENING_LIMIT:
                pass  # asked by a pass, which alone knows who comes before
            case _ as never:
                assert_never(never)


def _fresh(case: Case, policy: Policy) -> Iterator[GateCheck]:
    live = case.emission is Emission.LIVE
    yield GateCheck(Gate.FRESH, Measure.EMISSION, case.emission.value, Emission.LIVE.value, live)
    yield _at_most(Gate.FRESH, Measure.AGE, case.age, policy.fresh_days)


def _eligible(case: Case, policy: Policy) -> Iterator[GateCheck]:
    on = policy.rule(case.reason).switched_on
    yield GateCheck(Gate.ELIGIBLE, Measure.REASON, ON if on else OFF, ON, on)
    placement = case.placement
    yield _not_among(Measure.TIER, placement.tier, policy.left_out_tiers)
    yield _not_among(Measure.REGION, placement.region, policy.left_out_regions)
    yield _at_least(Gate.ELIGIBLE, Measure.STAKE, case.evidence.stake.amount, policy.least_stake)


def _threshold(case: Case, policy: Policy) -> Iterator[GateCheck]:
    rule = policy.rule(case.reason)
    probability = case.evidence.probability
    yield _at_least(Gate.THRESHOLD, Measure.PROBABILITY, probability, rule.least_probability)
    yield _at_least(Gate.THRESHOLD, Measure.VALUE, case.value, rule.least_value)


def _cooled_down(episodes: Episodes | None, policy: Policy, today: datetime.date) -> GateCheck:
    gate, measure = Gate.COOL_DOWN, Measure.DAYS_SINCE_CLOSED
    if episodes is None or episodes.outcome is None or episodes.closed_on is None:
        return GateCheck(gate, measure, None, None, passed=True)
    return _at_least(
        gate, measure, (today - episodes.closed_on).days, policy.rest_after(episodes.outcome)
    )


def _at_least(gate: Gate, measure: Measure, actual: float, needed: float) -> GateCheck:
    return GateCheck(gate, measure, float(actual), float(needed), actual >= needed)


def _at_most(gate: Gate, measure: Measure, actual: float, needed: float) -> GateCheck:
    return GateCheck(gate, measure, float(actual), float(needed), actual <= needed)


def _not_among(measure: Measure, actual: str | None, left_out: tuple[str, ...]) -> GateCheck:
    needed = ", ".join(left_out) or None
    return GateCheck(Gate.ELIGIBLE, measure, actual, needed, actual not in left_out)
