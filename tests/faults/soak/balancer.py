"""One address before several doors: each connection goes to a door that says it is ready, and stays there."""

import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress

SECONDS_TO_FIND_ONE = 30.0
SECONDS_BETWEEN_LOOKS = 0.2


class Balancer(socketserver.ThreadingTCPServer):
    """Listens on a free port of loopback until it is closed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, ready_port: Callable[[], int | None]) -> None:
        """``ready_port`` returns the port of a door that is ready, if there is one."""
        super().__init__(("127.0.0.1", 0), _Connection)
        self.ready_port = ready_port
        threading.Thread(target=self.serve_forever, name="balancer", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Connection(socketserver.BaseRequestHandler):
    server: Balancer
    request: socket.socket

    def handle(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_FIND_ONE
        while (port := self.server.ready_port()) is None:
            if time.monotonic() > deadline:
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as door:
            _pass_on(self.request, door)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes on, either way, until one of them ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                source = key.fileobj
                assert isinstance(source, socket.socket)
                data = source.recv(65_536)
                if not data:
                    return
                key.data.sendall(data)
