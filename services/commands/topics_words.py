"""What is to be done on the brokers, or was, or differs, in words."""

from collections.abc import Sequence
from typing import assert_never

from rich.console import Group, RenderableType

from infra.kafka.rights import Right
from infra.kafka.topic_steps import (
    CannotMend,
    ChangeSetting,
    CreateTopic,
    GiveRight,
    Obstacle,
    Step,
    TakeRight,
)
from infra.kafka.topics import Outcome
from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import heading, indented
from services.ops.rendering.safe import plain


def plan_words(steps: Sequence[Step], catalogue: Catalogue) -> RenderableType:
    """Return what `apply` would do, and what it could not."""
    if not steps:
        return plain(_in_order(catalogue))
    title = catalogue.say_plural("{number} thing to do:", "{number} things to do:", len(steps))
    return Group(heading(title), *(_line(_step(step, catalogue)) for step in steps))


def difference_words(steps: Sequence[Step], catalogue: Catalogue) -> RenderableType:
    """Return how the brokers differ from the files: topic, setting, actual and needed."""
    if not steps:
        return plain(_in_order(catalogue))
    title = catalogue.say_plural("{number} thing differs:", "{number} things differ:", len(steps))
    return Group(heading(title), *map(_line, difference_lines(steps, catalogue)))


def difference_lines(steps: Sequence[Step], catalogue: Catalogue) -> list[str]:
    """Return each difference by itself."""
    return [_difference(step, catalogue) for step in steps]


def applied_words(outcome: Outcome, catalogue: Catalogue) -> RenderableType:
    """Return what was done, and what is left to a person."""
    parts: list[RenderableType] = []
    if outcome.done:
        title = catalogue.say_plural(
            "{number} thing done:", "{number} things done:", len(outcome.done)
        )
        parts = [heading(title), *(_line(_step(step, catalogue)) for step in outcome.done)]
    if outcome.left:
        parts.append(heading(catalogue.say("Left for you to mend:")))
        parts += [_line(_cannot(step, catalogue)) for step in outcome.left]
    else:
        parts.append(plain(_in_order(catalogue)))
    return Group(*parts)


def _in_order(catalogue: Catalogue) -> str:
    return catalogue.say("Topics and rights are as the files say.")


def _line(text: str) -> RenderableType:
    return indented(plain(text))


def _step(step: Step, catalogue: Catalogue) -> str:
    match step:
        case CreateTopic(topic=topic):
            return catalogue.say(
                "create {topic}: {partitions} partitions, {copies} copies, {settings}",
                topic=topic.name,
                partitions=topic.partitions,
                copies=topic.replication,
                settings=", ".join(f"{name}={value}" for name, value in topic.settings.items()),
            )
        case ChangeSetting():
            return catalogue.say(
                "set {setting} of {topic}: {actual} becomes {needed}",
                setting=step.setting,
                topic=step.topic,
                actual=step.actual,
                needed=step.needed,
            )
        case GiveRight(right=right):
            return catalogue.say("give: {right}", right=_right(right))
        case TakeRight(right=right):
            return catalogue.say("take away: {right}", right=_right(right))
        case CannotMend():
            return _cannot(step, catalogue)
        case _:
            assert_never(step)


def _difference(step: Step, catalogue: Catalogue) -> str:
    match step:
        case CreateTopic(topic=topic):
            return catalogue.say("{topic}: is not there", topic=topic.name)
        case ChangeSetting():
            return _compared(step, catalogue)
        case GiveRight(right=right):
            return catalogue.say("right is missing: {right}", right=_right(right))
        case TakeRight(right=right):
            return catalogue.say("right is one too many: {right}", right=_right(right))
        case CannotMend():
            return _cannot(step, catalogue)
        case _:
            assert_never(step)


def _compared(step: ChangeSetting | CannotMend, catalogue: Catalogue) -> str:
    return catalogue.say(
        "{topic}: {setting} is {actual}, needed is {needed}",
        topic=step.topic,
        setting=step.setting,
        actual=step.actual or catalogue.say("not set"),
        needed=step.needed,
    )


def _cannot(step: CannotMend, catalogue: Catalogue) -> str:
    return catalogue.say(
        "{difference}: {way_on}",
        difference=_compared(step, catalogue),
        way_on=_way_on(step.obstacle, catalogue),
    )


def _way_on(obstacle: Obstacle, catalogue: Catalogue) -> str:
    match obstacle:
        case Obstacle.TOO_FEW_PARTITIONS | Obstacle.TOO_MANY_PARTITIONS:
            return catalogue.say(
                "another number would part customers from their history; delete the topic if it "
                "holds nothing yet, else copy it into a new one"
            )
        case Obstacle.OTHER_REPLICATION:
            return catalogue.say(
                "move its copies with kafka-reassign-partitions, or set HOLDFAST_KAFKA_REPLICATION"
            )
        case Obstacle.NOT_GUARDED:
            return catalogue.say("without one everybody may write; set it on the brokers")
        case Obstacle.RIGHT_BEYOND_OUR_TOPICS:
            return catalogue.say(
                "it lets somebody write here, and reaches other topics too; narrow it with kafka-acls"
            )
        case Obstacle.RIGHT_DENIED:
            return catalogue.say("it takes away what a service needs; remove it with kafka-acls")
        case _:
            assert_never(obstacle)


def _right(right: Right) -> str:
    """Return a right in Kafka's own words, which are the same in every language."""
    host = "" if right.host == "*" else f" from {right.host}"
    named = f"{right.name}*" if right.pattern.value == "PREFIXED" else right.name
    return f"{right.principal} {right.operation} {right.resource} {named}{host}"
