"""An account's desk: at most one open task a reason, its episodes, and who stands behind it."""

import datetime
from typing import assert_never

import msgspec

from domain.retention.identities import task_id
from domain.retention.refusals import AlreadyOpen
from events.desk import (
    AccountEvent,
    EpisodeClosed,
    EpisodeOpened,
    EpisodeReopened,
    SupportAdded,
    SupportRemoved,
)
from events.signals import SignalReason
from events.task_values import Outcome, TaskId
from events.values import CustomerId

Support = tuple[CustomerId, str | None]
"""A customer, and the service that it is about where the reason is told by one."""


class Episodes(msgspec.Struct, frozen=True):
    """The episodes of one reason: how many there were, and how the last one is.

    ``task_id`` is the last one's, ``outcome`` and ``closed_on`` are None while it is open.
    ``standing`` goes on to be kept when it is closed, since it may be reopened.
    """

    count: int
    task_id: TaskId
    standing: tuple[Support, ...] = ()
    outcome: Outcome | None = None
    closed_on: datetime.date | None = None

    @property
    def open_task(self) -> TaskId | None:
        """Return the task that is open."""
        return self.task_id if self.outcome is None else None


class AccountDesk(msgspec.Struct, frozen=True):
    """What is open for an account, and what was, by reason."""

    account: str
    version: int = 0
    reasons: dict[SignalReason, Episodes] = {}

    def open_task(self, reason: SignalReason) -> TaskId | None:
        """Return the task that is open for a reason."""
        episodes = self.reasons.get(reason)
        return None if episodes is None else episodes.open_task


def open_episode(desk: AccountDesk, reason: SignalReason) -> EpisodeOpened | AlreadyOpen:
    """Return the event that opens the next episode of a reason, or that one is open."""
    open_task = desk.open_task(reason)
    if open_task is not None:
        return AlreadyOpen(reason, open_task)
    count = desk.reasons[reason].count + 1 if reason in desk.reasons else 1
    return EpisodeOpened(desk.account, reason, count, task_id(desk.account, reason, count))


def reopen_episode(
    desk: AccountDesk, reason: SignalReason, closed: TaskId
) -> EpisodeReopened | AlreadyOpen:
    """Return the event that opens the last episode again, or that a later one is there."""
    episodes = desk.reasons[reason]
    if episodes.outcome is None or episodes.task_id != closed:
        return AlreadyOpen(reason, episodes.task_id)
    return EpisodeReopened(desk.account, reason, closed)


def evolve(desk: AccountDesk, event: AccountEvent) -> AccountDesk:
    """Return the desk after an event."""
    replace = msgspec.structs.replace
    match event:
        case EpisodeOpened(reason=reason, episode=episode, task_id=opened):
            changed = Episodes(episode, opened)
        case SupportAdded(reason=reason, customer_id=customer_id, service=service):
            episodes = desk.reasons[reason]
            standing = (
                *_without(episodes.standing, (customer_id, service)),
                (customer_id, service),
            )
            changed = replace(episodes, standing=standing)
        case SupportRemoved(reason=reason, customer_id=customer_id, service=service):
            episodes = desk.reasons[reason]
            standing = _without(episodes.standing, (customer_id, service))
            changed = replace(episodes, standing=standing)
        case EpisodeClosed(reason=reason, outcome=outcome, day=day):
            changed = replace(desk.reasons[reason], outcome=outcome, closed_on=day)
        case EpisodeReopened(reason=reason):
            changed = replace(desk.reasons[reason], outcome=None, closed_on=None)
        case _ as never:
            assert_never(never)
    return replace(desk, version=desk.version + 1, reasons={**desk.reasons, reason: changed})


def _without(standing: tuple[Support, ...], support: Support) -> tuple[Support, ...]:
    return tuple(entry for entry in standing if entry != support)
