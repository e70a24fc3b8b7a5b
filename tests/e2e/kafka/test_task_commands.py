"""Tasks at the terminal in Kafka mode: the same words as of a folder, on the desk in PostgreSQL."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from infra.kafka.broker import Broker
from tests.faults.commands import holdfast, holdfast_after
from tests.support.cluster import Cluster, cluster_on
from tests.support.desk_cluster import team, until_decided
from tests.support.postgres_server import PostgresServer
from tests.support.quiet_shop import with_team, written
from tests.support.redis_server import RedisServer

REFUSED = 2

pytestmark = pytest.mark.slow


class Twins(msgspec.Struct, frozen=True):
    """The same shop, in a folder and on a cluster."""

    data: Path
    cluster: Cluster

    def both(self, *arguments: str) -> list[tuple[int, str, str]]:
        """What a command says of the one and of the other: exit code, out, err."""
        here = holdfast(*arguments, "--data", self.data)
        there = self.cluster.run(*arguments, user="ops")
        return [(here.code, here.out, here.err), (there.returncode, there.stdout, there.stderr)]


@pytest.fixture(scope="module")
def twins(
    bare_broker: Broker,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Twins]:
    place = tmp_path_factory.mktemp("twins")
    arguments = written(place, 12)
    assert holdfast_after(with_team(place), *arguments, place / "data").code == 0
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, "terminal-1.", place, partitions=4) as cluster:
        for role in ("profiles", "learning", "archive"):
            cluster.start(role)
        imported = cluster.run(*arguments[:-1])
        assert imported.returncode == 0, imported.stderr
        asyncio.run(cluster.until_folded())
        no_desk = cluster.run("inbox", user="ops")
        assert "there is no desk" in no_desk.stderr
        cluster.start("alerts", **team(place))
        asyncio.run(until_decided(cluster))
        yield Twins(place / "data", cluster)


def test_inbox_why_and_task_say_the_same(twins: Twins) -> None:
    (_, listed, _), _ = twins.both("inbox", "--json")
    first = json.loads(listed)["rows"][0]["task"]["task_id"]
    for command in (
        "inbox",
        "inbox --manager AM-1 --limit 1",
        "why c11",
        "why c07",
        "why c12",
        "why nobody",
        f"task show {first}",
        "task show 99999999-nothing",
    ):
        here, there = twins.both(*command.split())
        assert there == here, command


def test_a_task_is_taken_worked_on_and_closed_alike(twins: Twins) -> None:
    (_, listed, _), _ = twins.both("inbox", "--json")
    task = json.loads(listed)["rows"][-1]["task"]
    short, own = task["task_id"][:12], ["--as", task["manager"]]
    saved = ["--outcome", "saved-confirmed"]
    for code, step in (
        (REFUSED, ["accept", short, "--as", "AM-9"]),
        (0, ["accept", short, *own, "--version", "2"]),
        (REFUSED, ["accept", short, *own, "--version", "2"]),
        (REFUSED, ["close", short, *own, *saved]),
        (0, ["contact", short, *own, "--channel", "call"]),
        (0, ["snooze", short, *own, "--until", "2011-08-01"]),
        (0, ["wake", short, *own]),
        (0, ["close", short, *own, *saved]),
        (0, ["reopen", short, *own]),
    ):
        here, there = twins.both("task", *step)
        assert there == here, step
        assert here[0] == code, here

    shown = [
        json.loads(out)["history"] for _, out, _ in twins.both("task", "show", short, "--json")
    ]
    assert shown[1] == shown[0]
    assert [step["version"] for step in shown[0]] == list(range(1, 9))
