"""Builds the alerts of a folder: its desk, by the policy and the managers that the settings name."""

import asyncio

from domain.retention.policy import policy_hash
from domain.retention.working_time import WorkingClock
from infra.clock import Clock
from infra.desk.office import Rules
from infra.desk.sqlite import SqliteDesk
from infra.folder import DataFolder
from infra.log.port import head_of
from infra.log.sqlite import SqliteLog
from services.alerts.app import Alerts
from services.alerts.managers_file import load_managers
from services.alerts.policy_file import load_policy
from services.alerts.settings import DeskSettings


def rules_of(settings: DeskSettings, timezone: str) -> Rules:
    """Return by what the desk decides. Raises `PolicyFileError`."""
    policy = load_policy(settings.task_policy)
    return Rules(policy, policy_hash(policy), WorkingClock(policy.working_time, timezone))


async def open_alerts(
    folder: DataFolder, log: SqliteLog, wall: Clock, settings: DeskSettings
) -> Alerts:
    """Open the desk of a folder whose log was created.

    Raises:
        PolicyFileError: task policy or managers cannot be read.
        StoreError: ``desk.db`` cannot be used.
    """
    rules = rules_of(settings, head_of(log).identity.business_timezone)
    managers = load_managers(settings.managers)
    store = await asyncio.to_thread(SqliteDesk, folder.desk)
    alerts = Alerts(log, store, rules, wall)
    try:
        return await alerts.start(managers)
    except BaseException:
        await alerts.close()
        raise
