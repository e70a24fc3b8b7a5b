"""A real Redis for tests: Debian's where it is installed, else in a container, else none."""

import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from testcontainers.core.container import DockerContainer

from infra.redis.settings import RedisSettings
from tests.support.kafka_broker import docker_runs
from tests.support.servers import end, find_program, free_port, missing, wait_for, wait_until

IMAGE = "redis:7"
ARGUMENTS = ("--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "")


class RedisServer:
    """A server on loopback whose files stay in its folder when it is killed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder = folder
        self._arguments = (*ARGUMENTS, *arguments)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> RedisSettings:
        return RedisSettings(url=f"redis://127.0.0.1:{self.port}/0")

    def start(self) -> None:
        program = find_program("redis-server")
        if program is None:
            missing("Redis")
        command = [str(program), "--port", str(self.port), "--bind", "127.0.0.1"]
        with (self._folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--dir", str(self._folder), *self._arguments], stdout=log, stderr=log
            )
        wait_until(self._answers, self.process)

    def stop(self) -> None:
        if self.process is not None:
            end(self.process)

    def kill(self) -> None:
        """End it as a power cut does: what was not written yet is lost."""
        if self.process is not None:
            end(self.process, signal.SIGKILL)

    def wipe(self) -> None:
        """Take all that it holds away; it must be down."""
        for path in sorted(self._folder.glob("appendonlydir/*")):
            path.unlink()

    def _answers(self) -> bool:
        client = Redis(port=self.port, socket_timeout=5)
        try:
            return bool(client.ping())
        except RedisError:  # not up, or still reading its files
            return False
        finally:
            client.close()


class ContainerRedis(RedisServer):
    """The same server from the official image, on the host's own loopback."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        super().__init__(folder, *arguments)
        self._container: DockerContainer | None = None

    def start(self) -> None:
        listening = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._container = (
            DockerContainer(IMAGE)
            .with_volume_mapping(self._folder, str(self._folder), "rw")
            .with_command(["redis-server", *listening, *self._arguments])
            .with_kwargs(network_mode="host")
            .start()
        )
        wait_for(self._answers, IMAGE)

    def stop(self) -> None:
        if self._container is not None:
            self._container.stop()

    def kill(self) -> None:
        if self._container is not None:
            self._container.get_wrapped_container().kill()


def redis_in(folder: Path, *arguments: str) -> RedisServer:
    """A server that can be started on this machine; the test is skipped without one."""
    installed = find_program("redis-server")
    return (
        ContainerRedis(folder, *arguments)
        if installed is None and docker_runs()
        else RedisServer(folder, *arguments)
    )
