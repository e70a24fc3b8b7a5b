"""Every service looks at the brokers before it begins: topics and rights are as the files say, or else."""

from collections.abc import Callable

from infra.kafka.settings import KafkaSettings
from infra.kafka.topic_steps import Step
from infra.kafka.topics import TopicsAsCode
from infra.mendable import MendableError
from infra.messages.catalogue import Catalogue
from schemas.topic_files import read_topics
from services.commands.topics_words import difference_lines


class TopicsDifferError(MendableError):
    """The brokers are not as the topic files say; the message names every difference."""


def refuse_other_topics(
    settings: KafkaSettings, catalogue: Catalogue, passing: Callable[[Step], bool] = lambda _: False
) -> None:
    """Raise `TopicsDifferError` where the brokers differ, and `ClusterError` where none answers.

    A difference that is ``passing`` is let pass.
    """
    steps = [step for step in TopicsAsCode(read_topics(), settings).plan() if not passing(step)]
    if steps:
        differences = "; ".join(difference_lines(steps, catalogue))
        raise TopicsDifferError(
            f"topics or rights on Kafka are not as the files say: {differences};"
            " `holdfast topics apply` mends what can be mended"
        )
