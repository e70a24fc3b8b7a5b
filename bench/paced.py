"""Requests at a steady rate: each is due at its time, however long those before it took."""

import asyncio
import time
from collections.abc import Iterator, Sequence

ACCEPTED = b"HTTP/1.1 202"
LENGTH = b"content-length: "
END_OF_HEADERS = b"\r\n\r\n"


async def send_paced(
    port: int, requests: Sequence[bytes], rate: float, connections: int
) -> list[tuple[float, float]]:
    """Send all requests, so many a second; return when each was due and when it was answered.

    A request that has to wait for a connection was due all the same. Times are of the monotonic clock,
    in seconds. Raises ``ValueError`` for an answer that is no 202.
    """
    begin = time.perf_counter() + 0.1
    times = [(0.0, 0.0)] * len(requests)
    supply = iter(enumerate(requests))

    async def send(supply: Iterator[tuple[int, bytes]]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, request in supply:
            due = begin + number / rate
            await asyncio.sleep(due - time.perf_counter())
            writer.write(request)
            await _answer(reader)
            times[number] = (due, time.perf_counter())
        writer.close()

    await asyncio.gather(*(send(supply) for _ in range(connections)))
    return times


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(END_OF_HEADERS)
    at = head.index(LENGTH) + len(LENGTH)
    body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
    if not head.startswith(ACCEPTED):
        raise ValueError((head + body).decode(errors="replace"))
