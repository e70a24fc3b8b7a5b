"""An answer to a request whose body is not read: it lingers until the sender has heard it.

Who closes a connection on which bytes still come in makes the kernel reset it, and a reset throws away
what the other side has not read yet, the answer among it. So what comes after the answer is taken and
forgotten for a moment (RFC 9112, section 9.6).
"""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MOST_FORGOTTEN_BYTES = 64 * 1024 * 1024
SECONDS_TO_LINGER = 1.0


class LingeringResponse(Response):
    """A response after which the rest of the request's body is taken and forgotten."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the whole answer, then end it once the body ends, is too long or takes too long."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(SECONDS_TO_LINGER):
                await _forget(receive)
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _forget(receive: Receive) -> None:
    forgotten = 0
    while forgotten < MOST_FORGOTTEN_BYTES:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        forgotten += len(message.get("body", b""))
