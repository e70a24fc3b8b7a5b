"""A quiet shop on a cluster, every role of Kafka mode running, and its console to be asked."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx

from infra.kafka.broker import Broker
from tests.support.cluster import Cluster, RunningRole, cluster_on, until
from tests.support.desk_cluster import team, until_decided
from tests.support.postgres_server import PostgresServer
from tests.support.quiet_shop import written
from tests.support.redis_server import RedisServer
from tests.support.servers import free_port

LAST_DAY = "2011-07-11"
"""The day that the shop's clock stands at."""

_numbers = count(1)


class ClusterSite:
    """Where everything is."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.door = f"http://127.0.0.1:{free_port()}"
        self.url = ""
        self.roles: dict[str, RunningRole] = {}

    def start(self, role: str, *arguments: str, **changed: str) -> RunningRole:
        """Start a role, or another process of it."""
        self.roles[role] = self.cluster.start(role, *arguments, **changed)
        return self.roles[role]

    def start_console(self, *arguments: str) -> RunningRole:
        """Start a console on a port of its own."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        return self.start("console", "--port", str(port), *arguments)

    def start_alerts(self) -> RunningRole:
        """Start alerts, with the shop's managers and policy."""
        return self.start("alerts", **team(self.cluster.folder), HOLDFAST_ALERTS_DOOR=self.door)

    def stop(self, role: str) -> None:
        """End a role on purpose."""
        self.cluster.forget(self.roles[role])
        assert self.roles.pop(role).stop() == 0

    def post(self, customer: str, order: str) -> httpx.Response:
        """Send an order through the door, on the day that the clock stands at."""
        fact = {
            "specversion": "1.0",
            "id": order,
            "source": "shop",
            "type": "crm.order.placed.v1",
            "time": f"{LAST_DAY}T10:00:00Z",
            "data": {
                "customer": {"system": "shop", "key": customer},
                "order_id": order,
                "total": {"amount": 1_000, "currency": "GBP"},
            },
        }
        return httpx.post(
            f"{self.door}/v1/events",
            content=json.dumps(fact),
            headers={"content-type": "application/cloudevents+json"},
        )

    def page(self, path: str, manager: str = "") -> str:
        """The text of a page, as somebody sees it, without its tags."""
        cookies = {"holdfast_manager": manager} if manager else {}
        answer = httpx.get(self.url + path, cookies=cookies, timeout=30)
        assert answer.status_code == 200, answer.text
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    def until_page(self, path: str, holds: Callable[[str], bool], manager: str = "") -> str:
        """Wait until a page is like that, and return it."""
        until(lambda: holds(self.page(path, manager)))
        return self.page(path, manager)


@contextmanager
def site_on(
    broker: Broker, redis: RedisServer, postgres: PostgresServer, folder: Path
) -> Iterator[ClusterSite]:
    """Import the shop with every role but the console running; wait until it is decided on."""
    arguments = written(folder, 12)[:-1]
    prefix = f"site-{next(_numbers)}."
    with cluster_on(broker, redis, postgres, prefix, folder, partitions=4) as cluster:
        site = ClusterSite(cluster)
        for role in ("profiles", "learning", "archive"):
            site.start(role)
        site.start_alerts()
        imported = cluster.run(*arguments)
        assert imported.returncode == 0, imported.stderr
        port = site.door.rpartition(":")[2]
        site.start("ingest", "--port", port)
        asyncio.run(cluster.until_folded())
        asyncio.run(until_decided(cluster))
        yield site
