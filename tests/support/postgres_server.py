"""A real PostgreSQL for tests: Debian's where it is installed, else in a container, else none."""

import os
import shutil
import signal
import subprocess
import tempfile
import weakref
from pathlib import Path

import psycopg
from testcontainers.core.container import DockerContainer

from infra.postgres.settings import PostgresSettings
from tests.support.kafka_broker import docker_runs
from tests.support.servers import end, find_program, free_port, missing, wait_for, wait_until

IMAGE = "postgres:15"
FOLDERS = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")
USER = "postgres"


class PostgresServer:
    """A cluster on loopback. As root it runs as the user of Debian's package: it refuses root.

    Its files are not below pytest's folders: each run of pytest shuts those to other users again,
    also while the server of another run stands there. They last as long as this object.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = Path(tempfile.mkdtemp(prefix="holdfast-postgres-"))
        self._data = self._own / "data"
        weakref.finalize(self, shutil.rmtree, self._own, ignore_errors=True)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def settings(self, schema: str = "holdfast") -> PostgresSettings:
        url = f"postgresql://127.0.0.1:{self.port}/postgres"
        return PostgresSettings(url=url, user=USER, db_schema=schema)

    def start(self) -> None:
        program = find_program("postgres", *FOLDERS)
        if program is None:
            missing("PostgreSQL")
        if not self._data.exists():
            self._make_cluster()
        command = [str(program), "-D", str(self._data), "-p", str(self.port)]
        local = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={self._own}",
        ]
        with (self._folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *local], stdout=log, stderr=log, user=_user(), group=_user()
            )
        wait_until(self._answers, self.process)

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, signal.SIGINT)  # its "fast": it breaks off whoever is connected

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            end(self.process, signal.SIGQUIT)  # its "immediate": nothing is tidied up

    def _make_cluster(self) -> None:
        if (user := _user()) is not None:
            shutil.chown(self._own, user, user)
        program = str(find_program("initdb", *FOLDERS))
        arguments = ["-D", str(self._data), "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(
            [program, *arguments], check=True, capture_output=True, user=user, group=user
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.settings().conninfo).close()
        except psycopg.OperationalError:
            return False
        return True


class ContainerPostgres(PostgresServer):
    """The same server from the official image, on the host's own loopback."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._container: DockerContainer | None = None

    def start(self) -> None:
        self._container = (
            DockerContainer(IMAGE)
            .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
            .with_volume_mapping(self._folder, "/var/lib/postgresql/data", "rw")
            .with_command(["-p", str(self.port), "-c", "listen_addresses=127.0.0.1"])
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


def postgres_in(folder: Path) -> PostgresServer:
    """A server that can be started on this machine; the test is skipped without one."""
    installed = find_program("postgres", *FOLDERS)
    return (
        ContainerPostgres(folder) if installed is None and docker_runs() else PostgresServer(folder)
    )


def _user() -> str | None:
    return USER if os.getuid() == 0 else None
