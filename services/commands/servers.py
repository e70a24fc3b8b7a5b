"""The servers of Kafka mode, for a command that begins: where they are, and whether topics are as they must be."""

import typer

from services.commands.terminal import terminal_of
from services.commands.topics_check import refuse_other_topics
from services.distributed.servers import Servers


def kafka_servers(context: typer.Context) -> Servers:
    """Return the servers, once topics and rights are found to be as they must be.

    Raises `TopicsDifferError`, `ClusterError`, and what `Servers.of_environment` raises.
    """
    servers = Servers.of_environment()
    refuse_other_topics(servers.kafka, terminal_of(context).catalogue)
    return servers
