"""Whose time records have: the brokers' own as they append, or, while a log is restored, the one it had.

Only a topic that keeps the times it is given gets a record of last year back as one of last year. No
service begins on such topics: they are not as the files say.
"""

from collections.abc import Sequence

from infra.kafka.cluster import ClusterAdmin
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_steps import ChangeSetting, Step

SETTING = "message.timestamp.type"
STAMPED, KEPT = "LogAppendTime", "CreateTime"


def keep_times(settings: KafkaSettings, topics: Sequence[str]) -> None:
    """Let topics, by their full names, keep the times of records. Raises `ClusterError`."""
    steps = [ChangeSetting(topic, SETTING, STAMPED, KEPT) for topic in topics]
    ClusterAdmin(settings).perform(steps)


def is_about_times(step: Step) -> bool:
    """Whether a difference is that a topic keeps the times of records."""
    return isinstance(step, ChangeSetting) and (step.setting, step.actual) == (SETTING, KEPT)
