"""The broker of docker-compose.yml, started for real from the very configuration that is mounted there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.kafka.admin_connection import AdminConnection
from infra.kafka.cluster_errors import ClusterError
from infra.kafka.jars import JarsUnavailableError, ToolMissingError, ensure_jars, find_tool
from infra.kafka.settings import KafkaSettings, SaslMechanism, SecurityProtocol
from infra.kafka.topics import TopicsAsCode
from schemas.topic_files import read_topics
from tests.support.servers import end, free_port, missing, wait_until

ROOT = Path(__file__).parents[3]
SECRETS = (
    "kafka_admin",
    "kafka_ingest",
    "kafka_profiles",
    "kafka_learning",
    "kafka_alerts",
    "kafka_archive",
    "kafka_console",
    "kafka_ops",
)


def signed_in(port: int, user: str) -> KafkaSettings:
    return KafkaSettings(
        bootstrap_servers=f"127.0.0.1:{port}",
        security_protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism.PLAIN,
        sasl_user=user,
        sasl_password=SecretStr(f"secret of kafka_{user}"),
        replication=1,
        min_insync=1,
    )


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports for clients and for the host's console, the broker's hosts and folders moved from the container to this machine."""
    try:
        jars, java = ensure_jars(), find_tool("java")
    except (JarsUnavailableError, ToolMissingError):
        missing("Kafka")
    clients, host, controller = free_port(), free_port(), free_port()
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in SECRETS:
        (secrets / name).write_text(f"secret of {name}", "utf-8")
    moved = (
        (ROOT / "infra/kafka/compose.properties")
        .read_text("utf-8")
        .replace("kafka:9093", f"127.0.0.1:{controller}")
        .replace("kafka:9092", f"127.0.0.1:{clients}")
        .replace("kafka:8754", f"127.0.0.1:{host}")
        .replace("127.0.0.1:8754", f"127.0.0.1:{host}")
        .replace("/run/secrets", str(secrets))
        .replace("/var/lib/kafka/data", str(tmp_path / "data"))
    )
    configuration = tmp_path / "server.properties"
    configuration.write_text(moved, "utf-8")
    command = [java, "-Xmx256m", "-cp", f"{jars}/*"]
    formatting = ["kafka.tools.StorageTool", "format", "--cluster-id=4L6g3nShT-eMCtK--X86sw"]
    subprocess.run(
        [*command, *formatting, f"--config={configuration}"], check=True, capture_output=True
    )
    with (tmp_path / "broker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "kafka.Kafka", str(configuration)], stdout=log, stderr=log
        )
    try:
        wait_until(lambda: answers(clients), process)
        yield clients, host
    finally:
        end(process)


def answers(port: int) -> bool:
    try:
        AdminConnection(signed_in(port, "admin")).reach(seconds=1)
    except ClusterError:
        return False
    return True


def test_topics_are_applied_as_the_compose_file_does_and_found_right_by_a_service(
    ports: tuple[int, int],
) -> None:
    port, host = ports
    applied = TopicsAsCode(read_topics(), signed_in(port, "admin")).apply()

    assert applied.left == ()
    assert TopicsAsCode(read_topics(), signed_in(port, "ingest")).plan() == ()
    assert TopicsAsCode(read_topics(), signed_in(host, "console")).plan() == ()
    with pytest.raises(ClusterError):
        TopicsAsCode(read_topics(), signed_in(host, "ingest")).plan()
