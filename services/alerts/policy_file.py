"""Reads the task policy. Whatever is wrong in it is refused with its line; a key left out keeps its default."""

from pathlib import Path
from typing import Annotated, Self

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from domain.retention.policy import DEFAULT_RULES, Policy, ReasonRule
from domain.retention.working_time import WorkingTime
from events.signals import SignalReason
from events.task_values import Outcome
from infra.mendable import MendableError
from infra.yaml_file import YamlKind, read_yaml, validated

SEE_GUIDE = "see docs/task-policy.md"
MINUTES_A_DAY = 24 * 60

Share = Annotated[float, Field(ge=0, le=1)]
Minor = Annotated[int, Field(ge=0, le=10**13)]
Days = Annotated[int, Field(ge=0, le=3650)]
Hours = Annotated[float, Field(gt=0, le=2000)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class PolicyFileError(MendableError):
    """A file of the desk is wrong: ``file:line: what; how to mend``."""

    def __init__(self, path: Path, line: int, what: str, mend: str) -> None:
        super().__init__(f"{path}:{line}: {what}; {mend}")
        self.line = line


class Part(BaseModel):
    """A part of a file: frozen, and no key that is not explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _minutes(value: object) -> object:
    """Return minutes after midnight of ``HH:MM``."""
    hours, colon, minutes = str(value).partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and int(minutes) < 60):
        raise ValueError(f"{value!r} is no time of the day; write it as '09:00', in quotes")
    return int(hours) * 60 + int(minutes)


TimeOfDay = Annotated[int, BeforeValidator(_minutes), Field(ge=0, le=MINUTES_A_DAY)]


class ReasonPart(Part):
    """What the file says of one reason."""

    switched_on: bool | None = None
    probability: Share | None = None
    least_probability: Share | None = None
    least_value: Minor | None = None
    save_rate: Share | None = None
    cost: Minor | None = None
    due_hours: Hours | None = None

    def over(self, rule: ReasonRule) -> ReasonRule:
        """Return a rule with what the file says in the place of what it was."""
        return msgspec.structs.replace(rule, **self.model_dump(exclude_none=True))


class WorkingTimePart(Part):
    """When people work."""

    opens: TimeOfDay = 9 * 60
    closes: TimeOfDay = 17 * 60
    weekdays: Annotated[tuple[str, ...], Field(min_length=1)] = WEEKDAYS[:5]

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        unknown = [day for day in self.weekdays if day not in WEEKDAYS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no weekday; there are {', '.join(WEEKDAYS)}")
        if self.opens >= self.closes:
            raise ValueError("it must open before it closes")
        return self

    def working_time(self) -> WorkingTime:
        """Return it as the domain has it."""
        days = tuple(sorted({WEEKDAYS.index(day) for day in self.weekdays}))
        return WorkingTime(self.opens, self.closes, days)


class PolicyFile(Part):
    """What the file may say; docs/task-policy.md explains it to those who write one."""

    reasons: dict[SignalReason, ReasonPart] = {}
    left_out_tiers: tuple[str, ...] = ()
    left_out_regions: tuple[str, ...] = ()
    least_stake: Minor = Policy().least_stake
    fresh_days: Days = Policy().fresh_days
    cool_down: dict[Outcome, Days] = Policy().cool_down
    cool_down_days: Days = Policy().cool_down_days
    opening_limit: Annotated[int, Field(ge=0)] = Policy().opening_limit
    offer_hours: Hours = Policy().offer_hours
    working_time: WorkingTimePart = WorkingTimePart()

    def policy(self) -> Policy:
        """Return it as the domain has it."""
        rules = {
            reason: self.reasons.get(reason, ReasonPart()).over(rule)
            for reason, rule in DEFAULT_RULES.items()
        }
        said = self.model_dump(exclude={"reasons", "working_time"})
        return Policy(reasons=rules, working_time=self.working_time.working_time(), **said)


POLICY = YamlKind("task policy", SEE_GUIDE, PolicyFileError)


def load_policy(path: Path | None) -> Policy:
    """Return the policy of a file; that of the release without one. Raises `PolicyFileError`."""
    if path is None:
        return PolicyFile().policy()
    return validated(read_yaml(path, POLICY), PolicyFile).policy()
