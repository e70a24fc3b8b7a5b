"""The alerts role of Kafka mode, wired together: signals from Kafka, the desk in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx import AsyncClient

from events.catalogue import SIGNALS
from infra.clock import SystemClock
from infra.desk.desk import TaskDesk
from infra.desk.now import moment_of
from infra.desk.port import DeskUnavailableError
from infra.desk.postgres import CHANNEL, PostgresDesk
from infra.desk.postgres_progress import LEAD
from infra.health.desk_figures import DeskFigures
from infra.kafka.connection import connection
from infra.kafka.groups import alerts_group
from infra.kafka.names import TopicNames
from infra.log.figures import show_log
from infra.log.head import LogHead
from infra.log.kafka import KafkaLog
from infra.log.kafka_fetching import KafkaFetcher
from infra.log.port import head_of
from infra.mendable import MendableError
from infra.postgres import settings as postgres_settings
from infra.postgres.lead import in_line
from infra.stream.faust_app import FaustPlace
from services.alerts.build import rules_of
from services.alerts.chores import chores_of
from services.alerts.from_kafka.agent import alerts_app
from services.alerts.from_kafka.archive_facts import ArchiveFacts
from services.alerts.from_kafka.leader import DeskLeader, LeaderPlace
from services.alerts.from_kafka.role import AlertsRole, OpenedDesk, RolePlace
from services.alerts.from_kafka.signal_log import SignalLog
from services.alerts.from_kafka.taking import Taking, TakingPlace
from services.alerts.from_kafka.watching import Watching
from services.alerts.managers_file import load_managers
from services.alerts.outcomes import DoorShutError
from services.alerts.settings import AlertsSettings, DeskSettings
from services.distributed.servers import PASSING, Servers, health
from services.outcome_door import HttpDoor

SECONDS_TO_ANSWER = 30.0
MAY_PASS = (*PASSING, DeskUnavailableError, DoorShutError)


@asynccontextmanager
async def alerts_role(
    servers: Servers, settings: AlertsSettings, desk_settings: DeskSettings
) -> AsyncIterator[AlertsRole]:
    """Open what alerts need. The desk itself is opened once the log is made and PostgreSQL serves.

    Raises `PolicyFileError` where the managers' file cannot be read; when it runs, `DeskOlderError`.
    """
    kafka, wall, postgres = servers.kafka, SystemClock(), postgres_settings.read_settings()
    managers = None if desk_settings.managers is None else load_managers(desk_settings.managers)
    async with AsyncExitStack() as opened:
        board, registry = opened.enter_context(health())
        log = await KafkaLog.open(kafka, wall)
        opened.push_async_callback(log.close)
        show_log(registry, lambda: log.head)
        signals = SignalLog(await KafkaFetcher.open(kafka))
        opened.push_async_callback(signals.close)
        client = AsyncClient(base_url=settings.door, timeout=SECONDS_TO_ANSWER)
        await opened.enter_async_context(client)
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="holdfast-alerts-")))
        figures = DeskFigures(registry)

        async def open_desk(head: LogHead) -> OpenedDesk:
            desk = await _desk(log, desk_settings, head, wall)
            try:
                await _refuse_older(desk, signals)
            except BaseException:
                await desk.close()
                raise
            taking = Taking(
                TakingPlace(log, signals, desk, board, figures, MAY_PASS, settings.accept_loss)
            )
            topic, group = TopicNames(kafka.topic_prefix).of(SIGNALS), alerts_group(kafka)
            app = alerts_app(FaustPlace(connection(kafka).aiokafka, topic, group, folder), taking)
            leader = DeskLeader(
                LeaderPlace(
                    desk=desk,
                    chores=chores_of(desk, log, HttpDoor(client, postgres), ArchiveFacts(postgres)),
                    watching=Watching(desk, signals, figures, wall),
                    open_lead=lambda: in_line(postgres, LEAD, CHANNEL),
                    board=board,
                    figures=figures,
                    passing=MAY_PASS,
                )
            )
            return OpenedDesk(desk, app, leader)

        yield AlertsRole(RolePlace(log, open_desk, managers, board, MAY_PASS))


class DeskOlderError(MendableError):
    """The desk in PostgreSQL is an old copy."""


async def _refuse_older(desk: TaskDesk, signals: SignalLog) -> None:
    """Refuse a desk that knows less than it has told: it would tell other things by the same numbers."""
    told = await signals.last_told()
    newest = await desk.run(lambda store: store.notifications_end())
    if told > newest:
        raise DeskOlderError(
            f"the desk in PostgreSQL has {newest} events, and crm.tasks has one numbered {told}: it was"
            " lost or is an old copy, and tasks stand there alone. Put back one that is as new as the"
            " topic, or restore everything from a backup (docs/backup-kafka.md)"
        )


async def _desk(
    log: KafkaLog, settings: DeskSettings, head: LogHead, wall: SystemClock
) -> TaskDesk:
    """Open the desk in PostgreSQL, by the policy that is named or was last."""
    store = await asyncio.to_thread(PostgresDesk, postgres_settings.read_settings())
    try:
        timezone = head.identity.business_timezone
        rules = await asyncio.to_thread(rules_of, settings, store, timezone)
    except BaseException:
        store.close()
        raise
    return TaskDesk(store, rules, lambda: moment_of(head_of(log), wall.now()), log.partitions)
