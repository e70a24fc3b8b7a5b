"""Literal tasks, signals and people of the retention tests."""

import datetime

from domain.retention.commands import About, Moment
from domain.retention.task import RetentionTask, evolve
from events.figures import SilenceFigures
from events.signals import Placement, SignalReason
from events.task_values import (
    Actor,
    ActorRole,
    Outcome,
    Priority,
    PriorityPart,
    ProbabilitySource,
    Route,
    TaskEvidence,
    TaskId,
    TaskStep,
)
from events.tasks import (
    TaskAccepted,
    TaskClosed,
    TaskEvent,
    TaskOffered,
    TaskRaised,
    TaskSnoozed,
)
from events.values import CustomerId, Money

DAY = datetime.date(2011, 9, 12)
AT = datetime.datetime(2011, 9, 12, 9, tzinfo=datetime.UTC)
LATER = datetime.datetime(2011, 9, 13, 9, tzinfo=datetime.UTC)
ACCOUNT = "ACC-1"
ANN, BEN, LEAD, DESK = "AM-1", "AM-2", "TL-1", "desk"
CUSTOMER = CustomerId("0b6a1f0e-6a0e-5d3c-8f1b-0c6a2c1d9e77")
OTHER = CustomerId("1c6a1f0e-6a0e-5d3c-8f1b-0c6a2c1d9e77")
TASK = TaskId("fd5ff201-f6dd-5450-a13f-4ceaf96261c5")
SILENT = SilenceFigures(38, 7.6, 12, 3.0, 9.1, 8.0)


def evidence(customer_id: CustomerId = CUSTOMER, stake: int = 100_000) -> TaskEvidence:
    return TaskEvidence(
        customer_id, DAY, DAY, SILENT, Money(stake, "GBP"), 0.5, ProbabilitySource.POLICY
    )


def priority(stake: int = 100_000) -> Priority:
    part = PriorityPart(CUSTOMER, 0.5, ProbabilitySource.POLICY, stake)
    return Priority(stake // 4 - 1000, "GBP", (part,), 0.5, 1000, "unusually-quiet")


def actor(code: str) -> Actor:
    roles = {DESK: ActorRole.DESK, LEAD: ActorRole.LEAD}
    return Actor(roles.get(code, ActorRole.MANAGER), code)


def about(code: str, version: int | None = None, day: datetime.date = DAY) -> About:
    at = AT + (day - DAY)
    return About(TASK, actor(code), Moment(at, day), version)


def step(version: int, code: str = DESK) -> TaskStep:
    return TaskStep(TASK, ACCOUNT, version, AT, actor(code))


RAISED = TaskRaised(
    step(1),
    SignalReason.UNUSUALLY_QUIET,
    1,
    DAY,
    Placement(ACCOUNT, ANN, "north", "gold"),
    evidence(),
    priority(),
    LATER,
    8,
    "policy",
)
OFFERED = TaskOffered(step(2), ANN, Route.OWNER, LATER)
ACCEPTED = TaskAccepted(step(3, ANN), ANN)
SNOOZED = TaskSnoozed(step(4, ANN), datetime.date(2011, 9, 20), ())
CLOSED = TaskClosed(step(4, ANN), Outcome.FALSE_ALARM, (CUSTOMER,), DAY)


def task(*events: TaskEvent) -> RetentionTask:
    found = evolve(None, RAISED)
    for event in events:
        found = evolve(found, event)
    return found


QUEUED_TASK = task()
OFFERED_TASK = task(OFFERED)
WORKING_TASK = task(OFFERED, ACCEPTED)
SNOOZED_TASK = task(OFFERED, ACCEPTED, SNOOZED)
CLOSED_TASK = task(OFFERED, ACCEPTED, CLOSED)
