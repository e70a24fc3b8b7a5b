"""`holdfast topics`: the topics and rights on Kafka, held against the topic files."""

import msgspec
import typer

from infra.kafka.settings import read_settings
from infra.kafka.topic_steps import Step
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from services.commands.terminal import JsonOption, terminal_of
from services.commands.topics_words import applied_words, difference_words, plan_words

DIFFERENCES_FOUND = 1

app = typer.Typer()
topics_app = typer.Typer(no_args_is_help=True, help="Topics and rights on Kafka, as the files say.")
app.add_typer(topics_app, name="topics")


class Steps(msgspec.Struct, frozen=True):
    """What is to be done on the brokers; nothing where all is as it must be."""

    steps: tuple[Step, ...]


@topics_app.command("plan")
def topics_plan(context: typer.Context, as_json: JsonOption = False) -> None:
    """Say what `apply` would do, and do nothing."""
    terminal, steps = terminal_of(context), _topics().plan()
    if as_json:
        terminal.json(Steps(steps))
    else:
        terminal.show(plan_words(steps, terminal.catalogue))


@topics_app.command("apply")
def topics_apply(context: typer.Context, as_json: JsonOption = False) -> None:
    """Create topics, change settings, give and take rights, until all is as the files say."""
    terminal, outcome = terminal_of(context), _topics().apply()
    if as_json:
        terminal.json(outcome)
    else:
        terminal.show(applied_words(outcome, terminal.catalogue))
    if outcome.left:
        raise typer.Exit(DIFFERENCES_FOUND)


@topics_app.command("check")
def topics_check(context: typer.Context, as_json: JsonOption = False) -> None:
    """Compare the brokers with the files; exit with 1 and the difference where there is one."""
    terminal, steps = terminal_of(context), _topics().plan()
    if as_json:
        terminal.json(Steps(steps))
    else:
        terminal.show(difference_words(steps, terminal.catalogue))
    if steps:
        raise typer.Exit(DIFFERENCES_FOUND)


def _topics() -> TopicsAsCode:
    return TopicsAsCode(read_topics(), read_settings())
