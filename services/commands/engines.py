"""Running work that writes to a log: in a folder, or on Kafka in a turn that ingest leaves us."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import typer
import uvloop

from domain.retention.commands import PeoplesCommand
from domain.retention.refusals import Refusal
from infra.clock import SystemClock
from infra.desk.port import Done
from infra.folder import DataFolder
from infra.log.port import EventLog
from infra.sqlite.connection import StoreError
from services.commands.terminal import terminal_of
from services.commands.topics_check import refuse_other_topics
from services.distributed import Servers, writing
from services.distributed_desk import shared_desk
from services.embedded import Engine, open_engine
from services.new_log import NewLog
from services.ops.place import Cluster
from services.remote import Remote, serving_process

T = TypeVar("T")


def in_engine(
    folder: DataFolder, new_log: NewLog | None, work: Callable[[Engine], Awaitable[T]]
) -> T:
    """Run work in an engine of this process, as `open_engine` does."""

    async def run() -> T:
        async with open_engine(folder, new_log, SystemClock()) as engine:
            return await work(engine)

    # uvloop answers about half as many requests more a second than asyncio's own loop
    return uvloop.run(run())


def on_existing_log(
    folder: DataFolder,
    remotely: Callable[[Remote], T],
    here: Callable[[Engine], Awaitable[T]],
) -> T:
    """Run work in the process that serves this folder, or else in an engine of this one.

    Raises:
        StoreError: there is no log; a clock alone does not say in which currency to make one.
        EmptyLogError: the log was never created.
    """
    with serving_process(folder) as remote:
        if remote is not None:
            return remotely(remote)
    if not folder.log.exists():
        raise StoreError(
            f"{folder.log} does not exist; `holdfast import` or `holdfast serve` makes it"
        )
    return in_engine(folder, None, here)


def on_kafka_desk(place: Cluster, command: PeoplesCommand) -> Done | Refusal:
    """Carry out a command at the desk of Kafka mode, as of now. Raises what `shared_desk` raises."""

    async def run() -> Done | Refusal:
        async with shared_desk(place, SystemClock()) as desk:
            about = msgspec.structs.replace(command.about, now=await desk.now())
            return await desk.execute(msgspec.structs.replace(command, about=about))

    return uvloop.run(run())


def kafka_servers(context: typer.Context) -> Servers:
    """Return the servers, once topics and rights are found to be as they must be.

    Raises `TopicsDifferError`, `ClusterError`, and what `Servers.of_environment` raises.
    """
    servers = Servers.of_environment()
    refuse_other_topics(servers.kafka, terminal_of(context).catalogue)
    return servers


def on_kafka_log(context: typer.Context, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """Run work on a log on Kafka that was made before. Raises what `writing` raises."""
    servers = kafka_servers(context)

    async def run() -> T:
        async with writing(servers, None, SystemClock()) as log:
            return await work(log)

    return uvloop.run(run())
