"""Reads the managers' file: who there is, how much each can bear, where, who stands in, who is away."""

import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from events.desk import Leave, ManagerListed
from infra.yaml_file import YamlKind, read_yaml, validated
from services.alerts.policy_file import SEE_GUIDE, Part, PolicyFileError

Code = Annotated[str, Field(pattern=r"^[!-~]{1,40}$")]


class LeavePart(Part):
    """From the first to the last day, both in quotes: ``2011-09-12``."""

    first: datetime.date
    last: datetime.date

    @model_validator(mode="after")
    def _first_before_last(self) -> Self:
        if self.first > self.last:
            raise ValueError("a leave ends on or after its first day")
        return self


class ManagerPart(Part):
    """One manager. Without regions it works on those of all."""

    code: Code
    capacity: Annotated[int, Field(ge=0, le=10_000)]
    regions: tuple[str, ...] = ()
    backup: Code | None = None
    leave: tuple[LeavePart, ...] = ()
    lead: bool = False

    def listed(self) -> ManagerListed:
        """Return it as the domain has it."""
        leave = tuple(Leave(each.first, each.last) for each in self.leave)
        return ManagerListed(self.code, self.capacity, self.regions, self.backup, leave, self.lead)


class ManagersFile(Part):
    """All managers; a backup is one of them."""

    managers: tuple[ManagerPart, ...]

    @model_validator(mode="after")
    def _known_backups(self) -> Self:
        codes = [each.code for each in self.managers]
        twice = [code for code in codes if codes.count(code) > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice")
        for each in self.managers:
            if each.backup is not None and each.backup not in codes:
                raise ValueError(f"the backup of {each.code!r}, {each.backup!r}, is not in here")
        return self


MANAGERS = YamlKind("managers' file", SEE_GUIDE, PolicyFileError)


def load_managers(path: Path | None) -> tuple[ManagerListed, ...]:
    """Return the managers of a file, none without one. Raises `PolicyFileError`."""
    if path is None:
        return ()
    parsed = validated(read_yaml(path, MANAGERS), ManagersFile)
    return tuple(each.listed() for each in parsed.managers)
