"""The rules of a task that are about more than state and role."""

import datetime

import msgspec
import pytest

from domain.retention import account, manager, passes, refusals
from domain.retention.account import AccountDesk
from domain.retention.commands import (
    Accept,
    AttachEvidence,
    Claim,
    ClearSupport,
    Close,
    LogContact,
    Reopen,
    Snooze,
    TaskCommand,
    TimeOut,
    Wake,
)
from domain.retention.decide import decide
from domain.retention.manager import Manager, take
from domain.retention.passes import Passes
from domain.retention.refusals import (
    AlreadyOpen,
    BadDate,
    ContactMissing,
    NoCapacity,
    NotYours,
    OnLeave,
    OutcomeNotYours,
    StaleVersion,
    TooEarly,
    TooLate,
    UnknownManager,
)
from domain.retention.task import RetentionTask, TaskState, evolve
from events.desk import (
    EpisodeClosed,
    Leave,
    ManagerListed,
    ManagerUnlisted,
    PartitionStood,
    PassMade,
    SupportAdded,
    SupportRemoved,
    TaskReleased,
    TaskTaken,
)
from events.interactions import Channel, Direction
from events.signals import SignalReason
from events.task_values import DeclineReason, Outcome, SupportEnded, TaskId, WokenBy
from events.tasks import TaskClosed, TaskDeclined, TaskEvent
from tests.unit.domain.retention.given import (
    ACCOUNT,
    ANN,
    BEN,
    CLOSED_TASK,
    CUSTOMER,
    DAY,
    DESK,
    LATER,
    LEAD,
    OFFERED_TASK,
    OTHER,
    QUEUED_TASK,
    SNOOZED_TASK,
    TASK,
    WORKING_TASK,
    about,
    evidence,
    priority,
    step,
)

QUIET = SignalReason.UNUSUALLY_QUIET


def days(number: int) -> datetime.date:
    return DAY + datetime.timedelta(days=number)


def after(task: RetentionTask, command: TaskCommand) -> RetentionTask:
    event = decide(task, command)
    assert isinstance(event, TaskEvent), event
    return evolve(task, event)


def test_an_accept_on_an_old_version_is_told_how_the_task_is_now() -> None:
    assert decide(WORKING_TASK, Accept(about(BEN, version=2))) == StaleVersion(WORKING_TASK)


def test_nobody_answers_what_is_offered_to_somebody_else() -> None:
    assert decide(OFFERED_TASK, Accept(about(BEN))) == NotYours(ANN)


def test_a_declined_task_keeps_its_age_and_remembers_who_sits_out() -> None:
    declined = evolve(OFFERED_TASK, TaskDeclined(step(3, ANN), ANN, DeclineReason.NO_TIME))

    assert declined.state is TaskState.QUEUED
    assert (declined.raised_at, declined.due) == (OFFERED_TASK.raised_at, OFFERED_TASK.due)
    assert declined.declined_by == (ANN,)


def test_saved_wants_a_contact_that_was_logged() -> None:
    saved = Close(about(ANN), Outcome.SAVED_CONFIRMED)
    contacted = after(
        WORKING_TASK, LogContact(about(ANN), Channel.CALL, Direction.OUTBOUND, reached=True)
    )

    assert decide(WORKING_TASK, saved) == ContactMissing(Outcome.SAVED_CONFIRMED)
    assert after(contacted, saved).outcome is Outcome.SAVED_CONFIRMED


@pytest.mark.parametrize(
    ("who", "outcome"), [(ANN, Outcome.RECOVERED_UNTOUCHED), (DESK, Outcome.FALSE_ALARM)]
)
def test_people_and_desk_find_different_outcomes(who: str, outcome: Outcome) -> None:
    assert decide(WORKING_TASK, Close(about(who), outcome)) == OutcomeNotYours(outcome)


def test_a_note_on_closing_is_kept_with_it() -> None:
    closed = decide(WORKING_TASK, Close(about(ANN), Outcome.UNREACHABLE, "moved abroad"))

    assert closed == TaskClosed(step(4, ANN), Outcome.UNREACHABLE, (CUSTOMER,), DAY, "moved abroad")


@pytest.mark.parametrize("late", [0, 92])
def test_a_task_rests_from_tomorrow_for_a_quarter_at_most(late: int) -> None:
    assert decide(WORKING_TASK, Snooze(about(ANN), days(late))) == BadDate(days(1), days(91))


def test_the_desk_wakes_a_task_by_date_on_its_day_and_not_before() -> None:
    day = datetime.date(2011, 9, 20)

    assert decide(SNOOZED_TASK, Wake(about(DESK), WokenBy.DATE)) == TooEarly(day)
    woken = after(SNOOZED_TASK, Wake(about(DESK, day=day), WokenBy.DATE))
    assert (woken.state, woken.manager) == (TaskState.WORKING, ANN)


def test_an_offer_ends_at_its_moment_and_not_before() -> None:
    assert decide(OFFERED_TASK, TimeOut(about(DESK))) == TooEarly(LATER.date(), LATER)
    assert after(OFFERED_TASK, TimeOut(about(DESK, day=days(1)))).declined_by == (ANN,)


def test_a_closed_task_is_reopened_within_a_fortnight_by_who_had_it() -> None:
    assert after(CLOSED_TASK, Reopen(about(ANN, day=days(14)))).state is TaskState.WORKING
    assert decide(CLOSED_TASK, Reopen(about(ANN, day=days(15)))) == TooLate(DAY, 14)
    assert decide(CLOSED_TASK, Reopen(about(BEN))) == NotYours(ANN)
    assert after(CLOSED_TASK, Reopen(about(LEAD))).manager == ANN


def test_a_task_that_nobody_had_is_queued_again_when_a_lead_reopens_it() -> None:
    closed = after(QUEUED_TASK, Close(about(DESK), Outcome.RECOVERED_UNTOUCHED))

    assert after(closed, Reopen(about(LEAD))).state is TaskState.QUEUED
    assert after(closed, Reopen(about(BEN))).manager == BEN


def test_newer_evidence_takes_the_place_of_what_stood_for_the_same_customer() -> None:
    more = after(QUEUED_TASK, AttachEvidence(about(DESK), evidence(OTHER), priority()))
    again = after(more, AttachEvidence(about(DESK), evidence(CUSTOMER, 7), priority()))

    assert [(each.customer_id, each.stake.amount) for each in again.standing] == [
        (OTHER, 100_000),
        (CUSTOMER, 7),
    ]
    assert (again.customers, again.evidence) == ((CUSTOMER, OTHER), 3)


def test_who_cleared_stands_behind_a_task_no_longer_but_is_remembered() -> None:
    command = ClearSupport(about(DESK), CUSTOMER, None, SupportEnded.RECOVERED, priority(0))
    cleared = after(WORKING_TASK, command)

    assert (cleared.standing, cleared.customers) == ((), (CUSTOMER,))


def test_versions_follow_on_each_other() -> None:
    event = decide(QUEUED_TASK, Claim(about(ANN)))
    assert isinstance(event, TaskEvent)

    with pytest.raises(ValueError, match="version 2 after 3"):
        evolve(WORKING_TASK, event)


def opened(desk: AccountDesk) -> AccountDesk:
    event = account.open_episode(desk, QUIET)
    assert not isinstance(event, AlreadyOpen)
    return account.evolve(desk, event)


def closed(desk: AccountDesk) -> AccountDesk:
    task_id = desk.reasons[QUIET].task_id
    return account.evolve(desk, EpisodeClosed(ACCOUNT, QUIET, task_id, Outcome.UNREACHABLE, DAY))


def test_an_account_has_one_open_task_a_reason_and_a_new_one_each_episode() -> None:
    first = opened(AccountDesk(ACCOUNT))
    task_id = first.reasons[QUIET].task_id

    assert account.open_episode(first, QUIET) == AlreadyOpen(QUIET, task_id)
    assert first.open_task(SignalReason.CHURN_RISK) is None
    second = opened(closed(first))
    assert second.reasons[QUIET].count == 2
    assert second.reasons[QUIET].task_id != task_id
    assert account.reopen_episode(second, QUIET, task_id) == AlreadyOpen(
        QUIET, second.reasons[QUIET].task_id
    )


def test_the_last_episode_is_reopened_with_who_stood_behind_it() -> None:
    desk = opened(AccountDesk(ACCOUNT))
    for service in (None, "mobile-data"):
        desk = account.evolve(desk, SupportAdded(ACCOUNT, QUIET, CUSTOMER, service))
    desk = closed(account.evolve(desk, SupportRemoved(ACCOUNT, QUIET, CUSTOMER)))
    event = account.reopen_episode(desk, QUIET, desk.reasons[QUIET].task_id)
    assert not isinstance(event, AlreadyOpen)

    reopened = account.evolve(desk, event).reasons[QUIET]

    assert (reopened.open_task, reopened.closed_on) == (desk.reasons[QUIET].task_id, None)
    assert reopened.standing == ((CUSTOMER, "mobile-data"),)


def test_a_manager_takes_work_while_it_is_here_and_has_room() -> None:
    other = TaskId("2c6a1f0e-6a0e-5d3c-8f1b-0c6a2c1d9e77")
    listed = ManagerListed(ANN, 1, leave=(Leave(days(1), days(3)),))
    unknown = Manager(ANN)
    idle = manager.evolve(unknown, listed)
    busy = manager.evolve(idle, TaskTaken(ANN, TASK))

    assert take(unknown, TASK, DAY) == UnknownManager(ANN)
    assert take(idle, TASK, DAY) == TaskTaken(ANN, TASK)
    assert take(idle, TASK, days(2)) == OnLeave(ANN, days(3))
    assert take(busy, other, DAY) == NoCapacity(ANN, 1, 1)
    assert take(manager.evolve(busy, TaskReleased(ANN, TASK)), other, DAY) == TaskTaken(ANN, other)
    assert take(manager.evolve(idle, ManagerUnlisted(ANN)), TASK, DAY) == UnknownManager(ANN)


def test_a_pass_is_due_once_all_partitions_have_stood_since_the_last() -> None:
    state = Passes("p")
    due = []
    for partition in (0, 0, 1, 1):
        state = passes.evolve(state, PartitionStood("p", partition, 7))
        number = state.due(2)
        due.append(number)
        if number is not None:
            state = passes.evolve(state, PassMade("p", LATER, 0, 0, 0))

    assert due == [None, None, 1, 2]
    assert (state.times(0), state.awaits(0)) == (2, False)


def test_every_refusal_is_told_apart_by_its_tag() -> None:
    refused = msgspec.json.encode(NotYours(ANN))

    assert msgspec.json.decode(refused, type=refusals.Refusal) == NotYours(ANN)
