"""A real broker for tests: by Java and Maven where they are, else in a container, else none."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from testcontainers.core.container import DockerContainer

from infra.kafka.broker import HEAP, Broker, format_arguments
from infra.kafka.broker_folder import ServerKeys
from infra.kafka.jars import (
    JarsUnavailableError,
    ToolMissingError,
    ensure_jars,
    find_tool,
    kafka_version,
)


class ContainerBroker(Broker):
    """The same broker from the official image, on the host's own loopback."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._container: DockerContainer | None = None
        self._shared = {self.folder.path}

    def prepare(self, keys: ServerKeys | None = None) -> None:
        self.folder.lay_out(keys)
        if keys is not None:
            self._shared |= {keys.key_and_chain.parent, keys.client_authority.parent}

    def start(self, seconds: float = 120.0) -> None:
        container = DockerContainer(f"apache/kafka:{kafka_version()}")
        for path in self._shared:
            container.with_volume_mapping(path, str(path), "rw")
        container.with_kwargs(
            network_mode="host",
            user=f"{os.getuid()}:{os.getgid()}",
            entrypoint=["sh", "-c", self.script()],
        )
        self.folder.log.touch()
        self._container = container.start()
        super().start(seconds)

    def stop(self) -> None:
        if self._container is not None:
            self._container.stop()
            self._container = None

    def is_running(self) -> bool:
        return self._container is not None

    def script(self) -> str:
        """What a shell in the container does: format, then run, both logged into the folder."""
        java = ["java", "-cp", "/opt/kafka/libs/*"]
        log, configuration = self.folder.log, self.folder.configuration
        formatting = shlex.join([*java, *format_arguments(configuration, self.folder.identity())])
        logging = f"-Dlog4j2.configurationFile={self.folder.logging}"
        running = shlex.join([*java, logging, *HEAP, "kafka.Kafka", str(configuration)])
        return f"exec >>{shlex.quote(str(log))} 2>&1; {formatting} && exec {running}"


def broker_in(folder: Path) -> Broker:
    """A broker that can be started on this machine, not yet prepared; the test is skipped without one.

    Under ``CI=true`` it fails instead: there the broker is to be there.
    """
    try:
        find_tool("java")
        ensure_jars()
    except (ToolMissingError, JarsUnavailableError) as missing:
        if docker_runs():
            return ContainerBroker(folder)
        reason = f"there is no Kafka to test against: {missing}, and no Docker runs"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return Broker(folder)


def docker_runs() -> bool:
    """Whether containers can be started here."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
