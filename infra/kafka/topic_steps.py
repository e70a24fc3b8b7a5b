"""What can be to do on the brokers, step by step, and what is left to a person; as data, to be shown."""

from enum import StrEnum

import msgspec

from infra.kafka.rights import Right


class NeededTopic(msgspec.Struct, frozen=True):
    """A topic as it must be, in the brokers' own words."""

    name: str
    partitions: int
    replication: int
    settings: dict[str, str]


class CreateTopic(msgspec.Struct, frozen=True, tag="create-topic"):
    """The topic is not there: create it."""

    topic: NeededTopic


class ChangeSetting(msgspec.Struct, frozen=True, tag="change-setting"):
    """A setting of a topic differs: set it."""

    topic: str
    setting: str
    actual: str
    needed: str


class GiveRight(msgspec.Struct, frozen=True, tag="give-right"):
    """A right that is needed is not there: give it."""

    right: Right


class TakeRight(msgspec.Struct, frozen=True, tag="take-right"):
    """Somebody may change a topic who must not: take that right away."""

    right: Right


class Obstacle(StrEnum):
    """Why a difference is left to a person."""

    TOO_FEW_PARTITIONS = "too-few-partitions"
    TOO_MANY_PARTITIONS = "too-many-partitions"
    OTHER_REPLICATION = "other-replication"
    NOT_GUARDED = "not-guarded"
    RIGHT_BEYOND_OUR_TOPICS = "right-beyond-our-topics"
    RIGHT_DENIED = "right-denied"


class CannotMend(msgspec.Struct, frozen=True, tag="cannot-mend"):
    """A difference that is not for a program to mend; ``topic`` is ``*`` where it is about all."""

    obstacle: Obstacle
    topic: str
    setting: str
    actual: str
    needed: str


Step = CreateTopic | ChangeSetting | GiveRight | TakeRight | CannotMend
