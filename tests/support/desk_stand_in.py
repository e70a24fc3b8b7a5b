"""Decides on what a cluster signals, as alerts do, once: until it has nothing more to say."""

from pathlib import Path

from events.catalogue import SIGNALS
from infra.clock import SystemClock
from infra.desk.desk import TaskDesk
from infra.desk.kept_policy import keep_policy, rules_by
from infra.desk.now import moment_of
from infra.desk.postgres import PostgresDesk
from infra.desk.relay import Relay
from infra.log.kafka import KafkaLog
from infra.log.port import head_of
from services.alerts.managers_file import load_managers
from services.alerts.policy_file import load_policy
from tests.support.cluster import Cluster


async def decide(cluster: Cluster, managers: Path, policy: Path) -> None:
    """Take all signals in, let time pass, and publish what came of it."""
    wall = SystemClock()
    log = await KafkaLog.open(cluster.settings(), wall)
    store, by = PostgresDesk(cluster.postgres), load_policy(policy)
    keep_policy(store, by, given=True)
    rules = rules_by(by, head_of(log).identity.business_timezone)
    desk = TaskDesk(store, rules, lambda: moment_of(head_of(log), wall.now()), log.partitions)
    try:
        await log.catch_up()
        await desk.list_managers(load_managers(managers))
        projection = str(head_of(log).projection())
        for partition in range(log.partitions):
            after = await desk.position(projection, partition)
            while records := await log.read_outputs(SIGNALS, projection, partition, after, 2_000):
                await desk.take(records)
                after = records[-1].sequence
        await desk.tick()
        while await Relay(desk, log).advance():
            pass
    finally:
        await desk.close()
        await log.close()
