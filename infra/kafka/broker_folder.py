"""The folder of a developer's broker: its ports and passwords, configuration, data, log and process id."""

import base64
import secrets
import socket
from contextlib import ExitStack
from pathlib import Path
from string import Template
from types import MappingProxyType

import msgspec

ADMIN = "admin"
USERS = (ADMIN, "ingest", "profiles", "learning", "alerts", "archive", "console", "ops", "stranger")
"""Who can sign in. The stranger holds no right at all: whoever wants to see a refusal is served."""

TEMPLATE = Path(__file__).with_name("server.properties")
LOGGING = Path(__file__).with_name("log4j2.properties")


class Ports(msgspec.Struct, frozen=True):
    """Where a broker listens on loopback: its controller, clients in the clear, clients by TLS."""

    controller: int
    local: int
    secure: int


class ServerKeys(msgspec.Struct, frozen=True):
    """PEM files for TLS: key (PKCS 8) and certificates of the broker; the authority of clients.

    Clients may show a certificate, or must.
    """

    key_and_chain: Path
    client_authority: Path
    clients_must: bool = False


class Identity(msgspec.Struct, frozen=True):
    """What makes a broker this one, whenever it is started again."""

    cluster_id: str
    ports: Ports
    passwords: dict[str, str]


class BrokerFolder(msgspec.Struct, frozen=True):
    """The files of one broker below one path."""

    path: Path

    @property
    def configuration(self) -> Path:
        """The broker's own configuration."""
        return self.path / "server.properties"

    @property
    def logging(self) -> Path:
        """How it logs."""
        return self.path / "log4j2.properties"

    @property
    def data(self) -> Path:
        """The topics themselves."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self.path / "broker.log"

    @property
    def pid(self) -> Path:
        """The id of its process."""
        return self.path / "broker.pid"

    @property
    def _identity(self) -> Path:
        return self.path / "identity.json"

    def identity(self) -> Identity:
        """Return the identity of a folder that was laid out. Raises `FileNotFoundError`."""
        return msgspec.json.decode(self._identity.read_bytes(), type=Identity)

    def lay_out(self, keys: ServerKeys | None = None) -> Identity:
        """Write the configuration; ports and passwords are chosen once and kept from then on."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self._identity.exists():
            self._identity.touch(mode=0o600)
            self._identity.write_bytes(msgspec.json.encode(new_identity()))
        identity = self.identity()
        self.configuration.touch(mode=0o600)
        self.configuration.write_text(_configured(self, identity, keys), "utf-8")
        self.logging.write_text(LOGGING.read_text("utf-8"), "utf-8")
        return identity


def new_identity() -> Identity:
    """Return free ports and fresh passwords; a port is free at this moment, and not reserved."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = Ports(*(int(each.getsockname()[1]) for each in sockets))
    cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    return Identity(
        cluster_id.replace("-", "A"), ports, {user: secrets.token_hex(16) for user in USERS}
    )


def _configured(folder: BrokerFolder, identity: Identity, keys: ServerKeys | None) -> str:
    filled = MappingProxyType(
        {
            "controller_port": str(identity.ports.controller),
            "local_port": str(identity.ports.local),
            "data": str(folder.data),
            "admin_password": identity.passwords[ADMIN],
            "secure_listener": f",SECURE://127.0.0.1:{identity.ports.secure}" if keys else "",
            "secure_keys": _key_lines(keys) if keys else "",
        }
    )
    return Template(TEMPLATE.read_text("utf-8")).substitute(filled)


def _key_lines(keys: ServerKeys) -> str:
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": keys.key_and_chain,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": keys.client_authority,
        "ssl.client.auth": "required" if keys.clients_must else "requested",
    }
    return "\n".join(f"listener.name.secure.{name}={value}" for name, value in settings.items())
