"""A broker of one node on loopback, for developers and tests: prepare, start, wait, stop by process id."""

import subprocess
import time
from pathlib import Path

from pydantic import SecretStr

from infra.kafka import process
from infra.kafka.admin_connection import AdminConnection
from infra.kafka.broker_folder import ADMIN, BrokerFolder, Identity, ServerKeys
from infra.kafka.cluster_errors import ClusterError
from infra.kafka.jars import ensure_jars, find_tool
from infra.kafka.settings import KafkaSettings, SecurityProtocol

SECONDS_TO_START = 60.0
SECONDS_BETWEEN_LOOKS = 0.1
HEAP = ("-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Little memory, and less of the compiler: half a second faster up, on two cores."""


class BrokerFailedError(RuntimeError):
    """The broker ended, or is not ready in time; the message holds the last lines of its log."""


class Broker:
    """A broker in a folder. It goes on when this process ends; another finds it by the folder."""

    def __init__(self, path: Path) -> None:
        self.folder = BrokerFolder(path.absolute())

    def prepare(self, keys: ServerKeys | None = None) -> None:
        """Write its configuration and format its storage, where that is not done yet.

        Raises:
            ToolMissingError, JarsUnavailableError: Java or Kafka are not there.
            BrokerFailedError: the storage cannot be formatted.
        """
        identity = self.folder.lay_out(keys)
        if self.folder.data.exists():
            return
        done = subprocess.run(
            [*self._java(), *format_arguments(self.folder.configuration, identity)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BrokerFailedError(
                f"cannot format {self.folder.data}:\n{done.stdout}{done.stderr}"
            )

    def start(self, seconds: float = SECONDS_TO_START) -> None:
        """Start it and return once it answers; nothing is done where it runs already.

        Raises:
            BrokerFailedError: it ended, or does not answer within so many seconds.
        """
        if not self.is_running():
            command = [*self._java(), *HEAP, "kafka.Kafka", str(self.folder.configuration)]
            with self.folder.log.open("ab") as log:
                started = subprocess.Popen(
                    command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
                )
            self.folder.pid.write_text(f"{started.pid}\n", "utf-8")
            started.returncode = 0  # it is known by its id alone, so this object has no say in it
        self._wait_until_ready(time.monotonic() + seconds)

    def stop(self) -> None:
        """Stop it by its process id and return once it is gone; nothing where it does not run."""
        if self.is_running():
            process.end(self._pid())
        self.folder.pid.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether its process is there, ready or not."""
        pid = self._pid()
        return pid > 0 and process.is_running(pid, str(self.folder.configuration))

    def settings(self, user: str, ca_file: Path | None = None) -> KafkaSettings:
        """Return how this user signs in: by TLS where an authority is named, else in the clear."""
        identity = self.folder.identity()
        port = identity.ports.secure if ca_file else identity.ports.local
        return KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{port}",
            security_protocol=SecurityProtocol.SASL_SSL
            if ca_file
            else SecurityProtocol.SASL_PLAINTEXT,
            sasl_user=user,
            sasl_password=SecretStr(identity.passwords[user]),
            sasl_password_file=None,
            ca_file=ca_file,
            replication=1,
            min_insync=1,
        )

    def _java(self) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder.logging}"
        return [find_tool("java"), "-cp", f"{ensure_jars()}/*", logging]

    def _pid(self) -> int:
        """Return the id of the process that was started last, or 0."""
        try:
            return int(self.folder.pid.read_text("utf-8"))
        except FileNotFoundError:
            return 0

    def _wait_until_ready(self, deadline: float) -> None:
        settings, why = self.settings(ADMIN), ""
        while self.is_running() and time.monotonic() < deadline:
            try:
                AdminConnection(settings).reach(seconds=1)
            except ClusterError as error:
                why = str(error)
                time.sleep(SECONDS_BETWEEN_LOOKS)
            else:
                return
        ended = f"is not ready in time ({why})" if self.is_running() else "ended"
        said = self.folder.log.read_text("utf-8", "replace").splitlines()[-15:]
        raise BrokerFailedError("\n".join([f"the broker in {self.folder.path} {ended}:", *said]))


def format_arguments(configuration: Path, identity: Identity) -> list[str]:
    """Return the main class and arguments that format the storage and make the users."""
    users = [
        f"SCRAM-SHA-512=[name={user},password={password}]"
        for user, password in identity.passwords.items()
    ]
    return [
        "kafka.tools.StorageTool",
        "format",
        f"--config={configuration}",
        f"--cluster-id={identity.cluster_id}",
        *(part for user in users for part in ("--add-scram", user)),
    ]
