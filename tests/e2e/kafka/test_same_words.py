"""Commands say of a cluster what they say of a folder with the same import: only names of places and times differ."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from operator import eq
from pathlib import Path

import msgspec
import pytest

from infra.kafka.broker import Broker
from services import cli
from tests.support.cluster import Cluster, cluster_on, until
from tests.support.desk_cluster import until_decided
from tests.support.digests import embedded_digest
from tests.support.postgres_server import PostgresServer
from tests.support.redis_server import RedisServer
from tests.support.retail import MAP, first_months_in
from tests.support.servers import free_port

PARTITIONS = 8
PROJECTION = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{8}-\d\b")
UNREADABLE = "536365,85123A,WHITE LANTERN,many,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
UNLIKE = {
    "flagged": {"projection"},
    "card": {"projection", "offset"},
    "evaluate": {"projection"},
    "status": {"folder", "archive_behind", "log_id", "name", "written", "offset", "marks"},
    "dlq": {"received"},
    "tail crm.facts": {"sequence"},
    "tail": {"id", "sequence", "source", "time", "projection", "log_id"},
}
"""What names the place, or says when and where something was written. Each partition has its marks."""


class Both(msgspec.Struct, frozen=True):
    """A folder and a cluster into which the same file was imported."""

    folder: Path
    digest: str
    cluster: Cluster


Say = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def both(
    bare_broker: Broker,
    redis_server: RedisServer,
    postgres_server: PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    months = first_months_in(folder)
    with months.open("a", encoding="utf-8") as file:
        file.write(UNREADABLE)
    digest = embedded_digest(folder / "data", months, map_file=MAP)
    servers = (bare_broker, redis_server, postgres_server)
    with cluster_on(*servers, "words-1.", folder, PARTITIONS) as cluster:
        port = free_port()
        for role in ("profiles", "learning", "archive"):
            cluster.start(role)
        cluster.start("alerts", HOLDFAST_ALERTS_DOOR=f"http://127.0.0.1:{port}")
        imported = cluster.run("import", months, "--map", MAP)
        assert imported.returncode == 0, imported.stderr
        cluster.start("ingest", "--port", str(port))
        asyncio.run(cluster.until_folded())
        asyncio.run(until_decided(cluster))
        verified = cluster.run("verify", user="ops")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        yield Both(folder / "data", digest, cluster)


@pytest.fixture
def say(both: Both, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """What a command says of the folder, and what of the cluster."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(environment: Mapping[str, str], *arguments: str) -> str:
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["holdfast", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        said = capsys.readouterr()
        return f"{ended.value.code or 0}\n{said.out}{said.err}"

    def say(*arguments: str, user: str = "ops") -> tuple[str, str]:
        kafka = both.cluster.environment(user)
        return (
            run({}, *arguments, "--data", str(both.folder)),
            run({name: kafka[name] for name in kafka if name.startswith("HOLDFAST_")}, *arguments),
        )

    return say


def test_the_digest_is_the_same(both: Both) -> None:
    assert asyncio.run(both.cluster.digest()) == both.digest


@pytest.mark.parametrize(
    "command",
    [
        "flagged",
        "card CUSTOMER",
        "card CUSTOMER --at 2011-02-15",
        "card nobody",
        "evaluate",
        "dlq show 0000",
    ],
)
def test_the_same_word_for_word(say: Say, command: str) -> None:
    folder, cluster = say(*with_customer(say, command))

    assert PROJECTION.sub("PROJECTION", cluster) == PROJECTION.sub("PROJECTION", folder)


@pytest.mark.parametrize(
    "command",
    [
        "flagged --limit 500",
        "card CUSTOMER",
        "card CUSTOMER --at 2011-02-15T12:00:00Z",
        "evaluate",
        "status",
        "dlq list",
        "tail crm.facts --customer CUSTOMER",
        "tail crm.signals --customer CUSTOMER",
        "tail crm.profiles --customer CUSTOMER",
        "tail crm.snapshots --customer CUSTOMER",
        "tail crm.control --limit 500",
    ],
)
def test_the_same_but_for_places_and_times(say: Say, command: str) -> None:
    unlike = next(names for begin, names in UNLIKE.items() if command.startswith(begin))
    folder, cluster = say(*with_customer(say, command), "--json")

    assert json_without(unlike, cluster) == json_without(unlike, folder) != [], cluster


def test_the_clock_goes_on_alike(say: Say, both: Both) -> None:
    advanced = say("clock", "advance", "--to", "2011-03-24", user="ingest")
    asyncio.run(both.cluster.until_folded())

    assert advanced == ("0\nOpened 3 days, up to 2011-03-24.\n",) * 2

    def stands() -> tuple[object, object]:
        folder, cluster = say("status", "--json")
        return json_without(UNLIKE["status"], cluster), json_without(UNLIKE["status"], folder)

    with suppress(AssertionError):
        until(lambda: eq(*stands()), 30.0)  # what closed tasks came to is brought to the door first
    cluster, folder = stands()
    assert cluster == folder


def with_customer(say: Say, command: str) -> list[str]:
    """The command of the customer who is flagged with most at stake."""
    said, _ = say("flagged", "--json", "--limit", "1")
    flagged = json.loads(said.partition("\n")[2])["customers"]
    return command.replace("CUSTOMER", flagged[0]["customer_id"]).split()


def json_without(names: AbstractSet[str], said: str) -> list[object]:
    """The lines of JSON that were said, in an order of their own, without what has these names."""
    code, _, lines = said.partition("\n")
    assert code == "0", said
    return sorted((bare(json.loads(line), names) for line in lines.splitlines()), key=repr)


def bare(value: object, names: AbstractSet[str]) -> object:
    """The same without the fields of these names."""
    match value:
        case dict():
            return {key: bare(one, names) for key, one in value.items() if key not in names}
        case list():
            return [bare(one, names) for one in value]
        case _:
            return value
