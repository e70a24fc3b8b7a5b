"""What each service does first."""

import typer

from infra.garbage import collect_seldom
from services.commands.servers import kafka_servers
from services.distributed.servers import Servers
from services.logs import logging_as


def begun(context: typer.Context) -> Servers:
    """Return the servers, once topics and rights are found to be as they must be."""
    logging_as(str(context.info_name))
    collect_seldom()
    return kafka_servers(context)
