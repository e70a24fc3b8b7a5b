"""As whom somebody works in this browser: chosen from the managers' file until there is a sign-in."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request

from domain.retention.commands import (
    Accept,
    Claim,
    Decline,
    LogContact,
    PeoplesCommand,
    Snooze,
)
from domain.retention.manager import Manager
from events.task_values import Actor, ActorRole

COOKIE = "holdfast_manager"
AS_MANAGER: tuple[type[PeoplesCommand], ...] = (Accept, Claim, Decline, LogContact, Snooze)
"""What a lead does as the manager that it is, too."""


class Acting(NamedTuple):
    """Somebody whom the managers' file names."""

    code: str
    lead: bool

    def actor(self, command: type[PeoplesCommand]) -> Actor:
        """Return as what somebody gives a command."""
        as_lead = self.lead and command not in AS_MANAGER
        return Actor(ActorRole.LEAD if as_lead else ActorRole.MANAGER, self.code)


def acting_in(request: Request, managers: Sequence[Manager]) -> Acting | None:
    """Return as whom this browser works; None where nobody was chosen, or nobody by that name is left."""
    return acting_as(request.cookies.get(COOKIE), managers)


def acting_as(code: str | None, managers: Sequence[Manager]) -> Acting | None:
    """Return the manager of a code."""
    for manager in managers:
        if manager.code == code and manager.listed is not None:
            return Acting(manager.code, manager.listed.lead)
    return None
