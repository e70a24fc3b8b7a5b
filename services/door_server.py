"""The HTTP server of the door: on a port that was taken beforehand, and without signals of its own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import structlog
import uvicorn
from fastapi import FastAPI

from infra.mendable import MendableError

SECONDS_TO_FINISH = 10
"""How long requests that are under way may still take once we are told to stop."""

logger = structlog.get_logger()


class PortInUseError(MendableError):
    """Another program listens on the port."""


class DoorServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the process. It believes no header about who is asking."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=SECONDS_TO_FINISH,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers as they are."""
        yield


def say_reach(listener: socket.socket) -> None:
    """Warn where other machines reach the door."""
    address = str(listener.getsockname()[0])
    if not ip_address(address.partition("%")[0]).is_loopback:
        logger.warning(
            "the door is open to other machines and there is no sign-in: whoever reaches this"
            " address may send events; let only your own systems through to it",
            address=address,
        )


def local_url(host: str, port: int) -> str:
    """Return where a command on this machine reaches a door that listens on a host.

    >>> local_url("127.0.0.1", 8750), local_url("::1", 8750), local_url("::", 8750)
    ('http://127.0.0.1:8750', 'http://[::1]:8750', 'http://[::1]:8750')
    >>> local_url("0.0.0.0", 8750), local_url("192.0.2.7", 8750)
    ('http://127.0.0.1:8750', 'http://192.0.2.7:8750')
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - replaced here
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


@contextmanager
def listening(host: str, port: int, option: str = "--port") -> Iterator[socket.socket]:
    """Listen, so that whoever is told of it may connect at once. Raises `PortInUseError`.

    ``option`` is the one by which another port is given.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # before anybody is told of it, so that the first to connect waits
        except OSError as error:
            raise PortInUseError(
                f"cannot listen on {host}:{port}: {error.strerror}; give another by {option},"
                " or 0 for any free one"
            ) from error
        yield listener
