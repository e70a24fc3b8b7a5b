"""``/health/live``, ``/health/ready`` and ``/metrics``, served by a thread of their own.

A process whose event loop hangs cannot say so from that loop.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import make_wsgi_app

from infra.health.board import HealthBoard
from infra.mendable import MendableError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))


class HealthPortError(MendableError):
    """The port of health and metrics cannot be listened on."""


class _Server(WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


class _Quiet(WSGIRequestHandler):
    """Says nothing on stderr: a probe every few seconds is no news."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - named so by http.server
        """Say nothing."""


class HealthApp:
    """A WSGI application over a board and a registry of figures."""

    def __init__(self, board: HealthBoard, registry: CollectorRegistry) -> None:
        self._board = board
        self._metrics: WSGIApplication = make_wsgi_app(registry)

    def __call__(
        self, environment: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request: 200 where all is well, 503 with every part and its reason."""
        path = environment.get("PATH_INFO", "")
        if path == "/metrics":
            return self._metrics(environment, start_response)
        report = self._board.report()
        well = {"/health/live": report.live, "/health/ready": report.ready}.get(path)
        if well is None:
            start_response("404 Not Found", list(JSON))
            return [b'{"paths":["/health/live","/health/ready","/metrics"]}']
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        start_response(f"{status.value} {status.phrase}", list(JSON))
        return [msgspec.json.encode(report)]


@contextmanager
def serving_health(
    host: str, port: int, board: HealthBoard, registry: CollectorRegistry
) -> Iterator[int]:
    """Serve until left; yield the port, which 0 leaves to the system.

    Raises `HealthPortError`.
    """
    try:
        server = make_server(
            host, port, HealthApp(board, registry), server_class=_Server, handler_class=_Quiet
        )
    except OSError as error:
        raise HealthPortError(
            f"health and metrics cannot listen on {host}:{port}: {error.strerror}; give another by"
            " HOLDFAST_HEALTH_PORT, or 0 for any free one"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
