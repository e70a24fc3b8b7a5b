"""What the desk's pieces of work have in common: the policy, now, and the steps that keep streams in line."""

from typing import NamedTuple

from domain.retention import decide as deciding
from domain.retention.account import open_episode
from domain.retention.commands import (
    About,
    AttachEvidence,
    ClearSupport,
    Close,
    Moment,
    Place,
    TaskCommand,
    Wake,
)
from domain.retention.policy import Policy
from domain.retention.priority import priority
from domain.retention.refusals import AlreadyOpen
from domain.retention.task import RetentionTask, TaskState, with_evidence, without
from domain.retention.working_time import WorkingClock
from events.desk import EpisodeClosed, EpisodeOpened, SupportAdded, SupportRemoved, TaskReleased
from events.signals import Placement, SignalReason
from events.task_values import (
    Actor,
    ActorRole,
    Outcome,
    SupportEnded,
    TaskEvidence,
    TaskId,
    TaskStep,
    WakeOn,
    WokenBy,
)
from events.tasks import TaskEvent, TaskRaised
from events.values import CustomerId
from infra.desk.book import Book

DESK = Actor(ActorRole.DESK, "desk")

UNTOUCHED = {
    SupportEnded.RECOVERED: Outcome.RECOVERED_UNTOUCHED,
    SupportEnded.GONE: Outcome.LOST_OBSERVED,
    SupportEnded.MOVED: Outcome.MOVED,
    SupportEnded.MODEL_CHANGED: Outcome.MODEL_CHANGED,
}
"""How a task ends that nobody touched when the last customer behind it goes."""


class Rules(NamedTuple):
    """By what the desk decides: the policy with its hash, and when people work."""

    policy: Policy
    policy_hash: str
    clock: WorkingClock


class Office:
    """Work on one book, at one moment."""

    def __init__(self, book: Book, rules: Rules, now: Moment) -> None:
        self.book = book
        self.rules = rules
        self.now = now

    def about(self, task: RetentionTask) -> About:
        """Return the head of a command of the desk itself."""
        return About(task.task_id, DESK, self.now, task.version)

    def carry_out(self, task: RetentionTask, command: TaskCommand) -> RetentionTask:
        """Carry out a command of the desk, which cannot be refused; return the task after it."""
        event = deciding.decide(task, command)
        if not isinstance(event, TaskEvent):
            raise TypeError(f"{task.task_id}: {command} is refused: {event}")
        self.book.say(event)
        return self.book.open_task(task.task_id)

    def open_task(
        self, placement: Placement, reason: SignalReason, evidence: TaskEvidence
    ) -> TaskId:
        """Raise a task where none is open for this account and reason."""
        opened = open_episode(self.book.account(placement.account), reason)
        if isinstance(opened, AlreadyOpen):
            raise TypeError(f"{opened.task_id} is open already")
        self.book.say(opened)
        self._support(placement.account, reason, evidence)
        self.book.say(self._raised(opened, placement, evidence))
        return opened.task_id

    def attach(self, task: RetentionTask, evidence: TaskEvidence) -> None:
        """Put a signal behind a task that is open, and wake it where it waits for that."""
        standing = with_evidence(task.standing, evidence)
        known = [
            entry.probability
            for entry in task.standing
            if entry.customer_id == evidence.customer_id
        ]
        price = priority(task.reason, evidence.stake.currency, standing, self.rules.policy)
        after = self.carry_out(task, AttachEvidence(self.about(task), evidence, price))
        self._support(task.account, task.reason, evidence)
        if (
            after.state is TaskState.SNOOZED
            and WakeOn.SCORE_UP in after.wake_on
            and evidence.probability > max(known, default=0.0)
        ):
            self.carry_out(after, Wake(self.about(after), WokenBy.SCORE_UP))

    def clear(
        self,
        task: RetentionTask,
        customer_id: CustomerId,
        service: str | None,
        because: SupportEnded,
    ) -> RetentionTask:
        """Take a customer from behind an open task; close it where nobody is left and nobody touched it."""
        left = without(task.standing, customer_id, service)
        currency = task.priority.currency
        price = priority(task.reason, currency, left, self.rules.policy)
        command = ClearSupport(self.about(task), customer_id, service, because, price)
        after = self.carry_out(task, command)
        self.book.say(SupportRemoved(task.account, task.reason, customer_id, service))
        if after.standing or after.worked or after.contacts:
            return after
        return self.close(after, UNTOUCHED[because])

    def close(self, task: RetentionTask, outcome: Outcome) -> RetentionTask:
        """Close a task by the desk's own finding."""
        closed = self.carry_out(task, Close(self.about(task), outcome))
        self.after_closing(task, outcome)
        return closed

    def after_closing(self, before: RetentionTask, outcome: Outcome) -> None:
        """End the episode of a task that was closed, and free who had it."""
        self.release(before)
        day = self.now.day
        self.book.say(EpisodeClosed(before.account, before.reason, before.task_id, outcome, day))

    def release(self, before: RetentionTask) -> None:
        """Free the manager whose work a task was."""
        if before.manager is not None and before.task_id in self.book.manager(before.manager).tasks:
            self.book.say(TaskReleased(before.manager, before.task_id))

    def place(self, task: RetentionTask, placement: Placement) -> None:
        """Keep where the customer behind a task stands now."""
        if task.placement != placement:
            self.carry_out(task, Place(self.about(task), placement))

    def _support(self, account: str, reason: SignalReason, evidence: TaskEvidence) -> None:
        self.book.say(SupportAdded(account, reason, evidence.customer_id, evidence.service))

    def _raised(
        self, opened: EpisodeOpened, placement: Placement, evidence: TaskEvidence
    ) -> TaskRaised:
        policy, clock, now = self.rules.policy, self.rules.clock, self.now
        due = clock.after(now.at, policy.rule(opened.reason).due_hours)
        return TaskRaised(
            task=TaskStep(opened.task_id, opened.account, 1, now.at, DESK),
            reason=opened.reason,
            episode=opened.episode,
            day=now.day,
            placement=placement,
            evidence=evidence,
            priority=priority(
                opened.reason, evidence.stake.currency, (evidence,), self.rules.policy
            ),
            due=due,
            due_slot=clock.slot(due),
            policy=self.rules.policy_hash,
        )
