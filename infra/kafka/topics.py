"""Topics as code: what the topic files ask for, held against the brokers, and brought about there."""

import time
from collections.abc import Sequence

import msgspec

from infra.kafka.cluster import ClusterAdmin
from infra.kafka.cluster_errors import ClusterError
from infra.kafka.names import TopicNames
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_plan import plan
from infra.kafka.topic_steps import CannotMend, Step
from schemas.topic_files import Topic

SECONDS_TO_SETTLE = 20.0
SECONDS_BETWEEN_LOOKS = 0.1


class NotSettledError(ClusterError):
    """What was asked of the brokers was granted, and is not to be seen there yet."""


class Outcome(msgspec.Struct, frozen=True):
    """What was done, and what is left for a person to mend."""

    done: tuple[Step, ...]
    left: tuple[CannotMend, ...]


class TopicsAsCode:
    """The topic files on one side, the brokers on the other. Methods raise `ClusterError`."""

    def __init__(self, topics: Sequence[Topic], settings: KafkaSettings) -> None:
        names = TopicNames(settings.topic_prefix)
        self._topics = [msgspec.structs.replace(one, name=names.of(one.name)) for one in topics]
        self._settings = settings
        self._admin = ClusterAdmin(settings)

    def plan(self) -> tuple[Step, ...]:
        """Return what is to be done; nothing where the brokers hold what the files say."""
        found = self._admin.look([topic.name for topic in self._topics])
        return plan(self._topics, self._settings, found)

    def apply(self) -> Outcome:
        """Do what can be done, and return once the brokers show it: they tell one another of it."""
        steps = [step for step in self.plan() if not isinstance(step, CannotMend)]
        self._admin.perform(steps)
        return Outcome(tuple(steps), self._settled(time.monotonic() + SECONDS_TO_SETTLE))

    def _settled(self, deadline: float) -> tuple[CannotMend, ...]:
        while True:
            steps = self.plan()
            left = tuple(step for step in steps if isinstance(step, CannotMend))
            if len(left) == len(steps):
                return left
            if time.monotonic() > deadline:
                raise NotSettledError(
                    f"the brokers do not show {len(steps) - len(left)} of the changes they agreed "
                    "to; are all of them up? Run `holdfast topics check` in a while"
                )
            time.sleep(SECONDS_BETWEEN_LOOKS)
