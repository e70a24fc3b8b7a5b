"""Builds the alerts of a folder: its desk, by the policy and the managers that the settings name."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from events.catalogue import TASKS
from infra.clock import Clock
from infra.desk.kept_policy import given_policy, keep_policy, rules_by
from infra.desk.office import Rules
from infra.desk.port import DeskStore
from infra.desk.relay import DESK
from infra.desk.sqlite import SqliteDesk
from infra.log.port import head_of
from infra.log.sqlite import SqliteLog
from infra.sqlite.connection import StoreError
from services.alerts.app import Alerts
from services.alerts.managers_file import load_managers
from services.alerts.outcomes import OutcomeDoor
from services.alerts.policy_file import load_policy
from services.alerts.settings import DeskSettings


class DeskPlace(NamedTuple):
    """The desk's file, and the log of its process."""

    path: Path
    log: SqliteLog


def rules_of(settings: DeskSettings, store: DeskStore, timezone: str) -> Rules:
    """Return by what the desk decides: the policy that is named, else the one that was last.

    It is kept in the store, for whoever else opens that. Raises `PolicyFileError`.
    """
    named = settings.task_policy is not None
    policy = load_policy(settings.task_policy) if named else given_policy(store)
    policy = load_policy(None) if policy is None else policy
    keep_policy(store, policy, given=named)
    return rules_by(policy, timezone)


async def open_alerts(
    place: DeskPlace, wall: Clock, settings: DeskSettings, door: OutcomeDoor
) -> Alerts:
    """Open the desk of a folder whose log was created.

    Managers stay as they are where no file is named.

    Raises:
        PolicyFileError: task policy or managers cannot be read.
        StoreError: ``desk.db`` cannot be used, or is older than the log.
    """
    managers = None if settings.managers is None else load_managers(settings.managers)
    store = await asyncio.to_thread(SqliteDesk, place.path)
    try:
        await _refuse_older(store, place)
        rules = rules_of(settings, store, head_of(place.log).identity.business_timezone)
    except BaseException:
        store.close()
        raise
    alerts = Alerts(place.log, store, rules, wall, door)
    try:
        if managers is not None:
            await alerts.desk.list_managers(managers)
    except BaseException:
        await alerts.close()
        raise
    return alerts


async def _refuse_older(store: DeskStore, place: DeskPlace) -> None:
    """Refuse a desk that knows less than it has told the log: its file was lost or is an old copy."""
    newest = store.notifications_end()
    if await place.log.read_outputs(TASKS, DESK, 0, newest, 1):
        raise StoreError(
            f"{place.path} is older than what it has told the log: tasks stand there alone, so restore"
            " it from a backup as new as the log's"
        )
