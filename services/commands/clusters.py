"""Running work on the servers of Kafka mode: on the log in a turn that ingest leaves us, on the desk."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import typer
import uvloop

from domain.retention.commands import PeoplesCommand
from domain.retention.refusals import Refusal
from infra.clock import SystemClock
from infra.desk.port import Done
from infra.log.port import EventLog
from services.commands.servers import kafka_servers
from services.distributed.desk import shared_desk
from services.distributed.writing import writing
from services.ops.place import Cluster

T = TypeVar("T")


def on_kafka_log(context: typer.Context, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """Run work on a log on Kafka that was made before. Raises what `writing` raises."""
    servers = kafka_servers(context)

    async def run() -> T:
        async with writing(servers, None, SystemClock()) as log:
            return await work(log)

    return uvloop.run(run())


def on_kafka_desk(place: Cluster, command: PeoplesCommand) -> Done | Refusal:
    """Carry out a command at the desk of Kafka mode, as of now. Raises what `shared_desk` raises."""

    async def run() -> Done | Refusal:
        async with shared_desk(place, SystemClock()) as desk:
            about = msgspec.structs.replace(command.about, now=await desk.now())
            return await desk.execute(msgspec.structs.replace(command, about=about))

    return uvloop.run(run())
