"""A cheap load generator: prebuilt HTTP/1.1 requests over kept-alive sockets.

Each connection sends a request, waits for its answer, and sends the next one of the common supply.
It runs in a process of its own, so that making load does not slow what is measured.
"""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import quantiles

import msgspec

ACCEPTED = b"HTTP/1.1 202"
LENGTH = b"content-length: "
END_OF_HEADERS = b"\r\n\r\n"


class Load(msgspec.Struct, frozen=True):
    """Where the requests go, what they are, and over how many connections."""

    port: int
    requests: tuple[bytes, ...]
    connections: int


class Answered(msgspec.Struct, frozen=True):
    """How long all answers took, and single ones at the median and the 99th percentile."""

    seconds: float
    median_ms: float
    p99_ms: float


class NotAcceptedError(Exception):
    """A request was not answered by 202."""


def run_load(load: Load) -> Answered:
    """Send all requests from another process; return when each has its 202."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_run, load).result()


def _run(load: Load) -> Answered:
    return asyncio.run(_send_all(load))


async def _send_all(load: Load) -> Answered:
    supply, waits = iter(load.requests), list[float]()
    loop = asyncio.get_running_loop()
    connections = [
        _Connection(supply, waits, loop.create_future()) for _ in range(load.connections)
    ]
    unconnected = iter(connections)
    for _ in connections:
        await loop.create_connection(unconnected.__next__, "127.0.0.1", load.port)
    begun = time.perf_counter()
    for connection in connections:
        connection.send_next()
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - begun
    percentiles = quantiles(waits, n=100)
    return Answered(seconds, percentiles[49] * 1e3, percentiles[98] * 1e3)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(
        self, supply: Iterator[bytes], waits: list[float], done: asyncio.Future[None]
    ) -> None:
        self.done = done
        self._supply = supply
        self._waits = waits
        self._sent_at = 0.0
        self._received = bytearray()
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        headers_end = self._received.find(END_OF_HEADERS)
        if headers_end < 0:
            return
        at = self._received.index(LENGTH) + len(LENGTH)
        length = int(self._received[at : self._received.index(b"\r", at)])
        if len(self._received) < headers_end + len(END_OF_HEADERS) + length:
            return
        if not self._received.startswith(ACCEPTED):
            self._end(NotAcceptedError(bytes(self._received[:2000]).decode(errors="replace")))
            return
        self._received.clear()
        self._waits.append(time.perf_counter() - self._sent_at)
        self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or NotAcceptedError("the server hung up"))

    def send_next(self) -> None:
        request = next(self._supply, None)
        if request is None:
            self._end(None)
            return
        self._sent_at = time.perf_counter()
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
        if self._transport is not None:
            self._transport.close()
