"""Every state, command and role: a listed event or a listed refusal, and nothing else, ever."""

import datetime
from itertools import product

import hypothesis
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.retention import commands, refusals
from domain.retention.commands import About, Moment, TaskCommand
from domain.retention.decide import decide
from domain.retention.task import OPEN_STATES, RetentionTask, TaskState, evolve
from events import tasks
from events.interactions import Channel, Direction
from events.signals import Placement
from events.task_values import (
    Actor,
    ActorRole,
    DeclineReason,
    Outcome,
    Route,
    SupportEnded,
    WakeOn,
    WokenBy,
)
from events.tasks import TaskEvent
from tests.unit.domain.retention import given

Q, O, W, S, C = TaskState  # noqa: E741 - the five states, in the order of a task's life
M, L, D = ActorRole
OPEN = {Q, O, W, S}

LISTED: dict[type[TaskCommand], tuple[set[TaskState], set[ActorRole], type[TaskEvent], set[type]]]
LISTED = {
    commands.Accept: ({O}, {M}, tasks.TaskAccepted, set()),
    commands.Claim: ({Q}, {M}, tasks.TaskClaimed, set()),
    commands.Decline: ({O}, {M}, tasks.TaskDeclined, {refusals.ReasonMissing}),
    commands.LogContact: ({W, S}, {M}, tasks.ContactLogged, set()),
    commands.Note: (OPEN, {M, L}, tasks.TaskNoted, {refusals.ReasonMissing}),
    commands.Snooze: ({W}, {M}, tasks.TaskSnoozed, {refusals.BadDate}),
    commands.Wake: ({S}, {M, L, D}, tasks.TaskWoken, {refusals.TooEarly}),
    commands.Reassign: (OPEN, {L}, tasks.TaskReassigned, {refusals.ReasonMissing}),
    commands.Close: (
        OPEN,
        {M, L, D},
        tasks.TaskClosed,
        {refusals.ReasonMissing, refusals.ContactMissing, refusals.OutcomeNotYours},
    ),
    commands.Reopen: ({C}, {M, L}, tasks.TaskReopened, {refusals.TooLate}),
    commands.AttachEvidence: (OPEN, {D}, tasks.EvidenceAdded, set()),
    commands.ClearSupport: (OPEN, {D}, tasks.EvidenceCleared, set()),
    commands.Offer: ({Q}, {D}, tasks.TaskOffered, set()),
    commands.TimeOut: ({O}, {D}, tasks.OfferTimedOut, {refusals.TooEarly}),
    commands.Place: (OPEN, {D}, tasks.TaskPlaced, set()),
}
"""Of each command: the states and roles that it is for, its event, and what else may refuse it."""

MOVES = {
    tasks.TaskAccepted: W,
    tasks.TaskClaimed: W,
    tasks.TaskDeclined: Q,
    tasks.OfferTimedOut: Q,
    tasks.TaskSnoozed: S,
    tasks.TaskWoken: W,
    tasks.TaskReassigned: O,
    tasks.TaskOffered: O,
    tasks.TaskClosed: C,
}
"""Where an event takes a task; all others, but a reopening, leave the state as it is."""

TEXTS = st.sampled_from(["", " ", "seen"])
DAYS = st.integers(0, 100).map(lambda days: given.DAY + datetime.timedelta(days=days))
ARGUMENTS: dict[type[TaskCommand], dict[str, st.SearchStrategy[object]]] = {
    commands.Decline: {"why": st.none() | st.sampled_from(DeclineReason), "note": TEXTS},
    commands.LogContact: {
        "channel": st.sampled_from(Channel),
        "direction": st.sampled_from(Direction),
        "reached": st.booleans(),
    },
    commands.Note: {"note": TEXTS},
    commands.Snooze: {"until": DAYS, "wake_on": st.lists(st.sampled_from(WakeOn)).map(tuple)},
    commands.Wake: {"because": st.sampled_from(WokenBy)},
    commands.Reassign: {
        "manager": st.sampled_from([given.ANN, given.BEN]),
        "until": st.none() | st.just(given.LATER),
    },
    commands.Close: {"outcome": st.none() | st.sampled_from(Outcome)},
    commands.AttachEvidence: {
        "evidence": st.sampled_from([given.evidence(), given.evidence(given.OTHER)]),
        "priority": st.just(given.priority()),
    },
    commands.ClearSupport: {
        "customer_id": st.sampled_from([given.CUSTOMER, given.OTHER]),
        "service": st.none(),
        "because": st.sampled_from(SupportEnded),
        "priority": st.just(given.priority()),
    },
    commands.Offer: {
        "manager": st.sampled_from([given.ANN, given.BEN]),
        "route": st.sampled_from(Route),
        "until": st.just(given.LATER),
    },
    commands.Place: {"placement": st.just(Placement(given.ACCOUNT))},
}
ACTORS = st.sampled_from([given.actor(code) for code in ("AM-1", "AM-2", "TL-1", "desk")])


@st.composite
def commands_of(draw: st.DrawFn, version: int) -> TaskCommand:
    kind = draw(st.sampled_from(list(LISTED)))
    expected = draw(st.sampled_from([None, version, version, version - 1]))
    day = draw(DAYS)
    now = Moment(given.AT + (day - given.DAY), day)
    about = About(given.TASK, draw(ACTORS), now, expected)
    arguments = {each: draw(value) for each, value in ARGUMENTS.get(kind, {}).items()}
    return kind(about=about, **arguments)


def check(task: RetentionTask, command: TaskCommand) -> RetentionTask:
    """Hold one decision against the list; return the task after it."""
    states, roles, event, others = LISTED[type(command)]
    actor: Actor = command.about.actor
    found = decide(task, command)
    if command.about.expected_version not in {None, task.version}:
        assert found == refusals.StaleVersion(task)
    elif actor.role not in roles:
        assert isinstance(found, refusals.NotAllowed)
    elif task.state not in states:
        assert isinstance(found, refusals.WrongState)
    elif isinstance(found, event):
        return _after(task, found)
    else:
        assert type(found) in others | {refusals.NotYours, refusals.WrongState}
    return task


def _after(task: RetentionTask, event: TaskEvent) -> RetentionTask:
    after = evolve(task, event)
    expected = MOVES.get(type(event), task.state)
    if isinstance(event, tasks.TaskReopened):
        expected = Q if event.manager is None else W
    assert after.state is expected
    assert after.version == task.version + 1
    return after


STANDARD = {Q: given.QUEUED_TASK, O: given.OFFERED_TASK, W: given.WORKING_TASK}
STANDARD |= {S: given.SNOOZED_TASK, C: given.CLOSED_TASK}


@pytest.mark.parametrize("kind", LISTED, ids=lambda kind: kind.__name__)
@hypothesis.given(data=st.data())
def test_each_state_and_role_is_answered_as_listed(
    kind: type[TaskCommand], data: st.DataObject
) -> None:
    arguments = {each: data.draw(value) for each, value in ARGUMENTS.get(kind, {}).items()}

    for task, code in product(STANDARD.values(), ("AM-1", "AM-2", "TL-1", "desk")):
        check(task, kind(about=given.about(code), **arguments))


class TaskMachine(RuleBasedStateMachine):
    """One task, asked for anything by anybody in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.task = given.QUEUED_TASK
        self.events: list[TaskEvent] = []

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        command = data.draw(commands_of(self.task.version))
        found = decide(self.task, command)
        if isinstance(found, TaskEvent):
            self.events.append(found)
        self.task = check(self.task, command)

    @invariant()
    def holds(self) -> None:
        task = self.task
        assert (task.outcome is None) == (task.state is not C) == (task.closed_on is None)
        assert (task.offered_until is not None) == (task.state is O)
        assert (task.snoozed_until is not None) == (task.state is S)
        assert task.state in OPEN_STATES or task.state is C
        if task.state in {O, W, S}:
            assert task.manager is not None
        if task.state is Q:
            assert task.manager is None or not task.worked

    @invariant()
    def is_the_fold_of_its_events(self) -> None:
        assert given.task(*self.events) == self.task


TestTaskMachine = TaskMachine.TestCase
TestTaskMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
