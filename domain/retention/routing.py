"""To whom a task is offered: its owner, the owner's backup, then the least loaded who fits."""

import datetime
from collections.abc import Collection, Mapping
from typing import NamedTuple

from domain.retention.manager import Manager
from events.signals import Placement
from events.task_values import Route


class Routed(NamedTuple):
    """Who gets a task, and why just this manager."""

    manager: str
    route: Route


def route(
    placement: Placement,
    declined_by: Collection[str],
    managers: Mapping[str, Manager],
    today: datetime.date,
) -> Routed | None:
    """Return to whom a task there is to be offered; None where nobody who fits has room today."""
    free = {
        code: manager
        for code, manager in managers.items()
        if _is_free(manager, today) and code not in declined_by
    }
    owner, backup = placement.owner, backup_of(placement, managers)
    if owner in free:
        return Routed(str(owner), Route.OWNER)
    if backup in free:
        return Routed(str(backup), Route.BACKUP)
    fitting = [
        (len(manager.tasks), code) for code, manager in free.items() if fits(manager, placement)
    ]
    return Routed(min(fitting)[1], Route.LEAST_LOADED) if fitting else None


def backup_of(placement: Placement, managers: Mapping[str, Manager]) -> str | None:
    """Return who stands in for the owner."""
    owner = managers.get(placement.owner or "")
    return None if owner is None or owner.listed is None else owner.listed.backup


def fits(manager: Manager, placement: Placement) -> bool:
    """Tell whether a place is in a manager's regions; one without a region is in everybody's."""
    regions = () if manager.listed is None else manager.listed.regions
    return not regions or placement.region is None or placement.region in regions


def _is_free(manager: Manager, today: datetime.date) -> bool:
    return manager.room > 0 and manager.away_until(today) is None
