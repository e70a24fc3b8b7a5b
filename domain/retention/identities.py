"""Ids of what the desk keeps. All are derived, so that the same thing has the same id everywhere."""

from functools import lru_cache
from uuid import UUID, uuid5

from events.signals import SignalReason
from events.task_values import TaskId

_NAMESPACE = UUID("5b0b2f6e-0d5e-5e0c-9d1d-3f2f0a4f8f51")
"""The root of all ids here. Changing it would part every task from its past."""


def task_id(account: str, reason: SignalReason, episode: int) -> TaskId:
    """Return the id of an account's task in an episode of a reason, counted from 1.

    >>> task_id("ACC-1", SignalReason.CHURN_RISK, 1)
    'fd5ff201-f6dd-5450-a13f-4ceaf96261c5'
    """
    return TaskId(str(_derived("task", account, reason.value, str(episode))))


def account_stream(account: str) -> UUID:
    """Return the id of the stream of an account's episodes."""
    return _derived("account", account)


def manager_stream(code: str) -> UUID:
    """Return the id of the stream of a manager's work."""
    return _derived("manager", code)


def judgement_stream(account: str) -> UUID:
    """Return the id of the stream of what was decided on an account's signals."""
    return _derived("judgements", account)


def pass_stream(projection: str) -> UUID:
    """Return the id of the stream of a projection's standings and passes."""
    return _derived("passes", projection)


@lru_cache(maxsize=8192)
def _derived(*parts: str) -> UUID:
    return uuid5(_NAMESPACE, "\0".join(parts))
