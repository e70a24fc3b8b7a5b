"""What every request passes: whom it was sent to, from where, how big; and what goes with every answer.

There is no sign-in yet, so a browser must not lend its user's reach to other sites. A page of another
site cannot ask here under a name of its own (DNS rebinding: the Host is checked), cannot change
anything (`Sec-Fetch-Site`, else `Origin`, is checked, as in Go's CrossOriginProtection), cannot frame
a page, and nothing that is shown can run as a script (the content security policy allows neither
inline scripts nor anything from elsewhere).
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.problem_details import Problem, answer, urn

LARGEST_BODY = 64 * 1024
"""Bytes; a command with its note is far smaller."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """Refuses what must not come in, and sends every answer out with the headers above."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = _refusal(scope["method"], Headers(scope=scope))
        going_out = _Outgoing(send, keeps=scope["path"].startswith("/static/"))
        if refused is not None:
            await refused(scope, receive, going_out)
            return
        if scope["method"] in _SAFE:
            await self._app(scope, receive, going_out)
            return
        body = await _whole(receive)
        if body is None:
            await _too_large()(scope, receive, going_out)
            return
        await self._app(scope, _Replay(body, receive), going_out)


class _Outgoing:
    def __init__(self, send: Send, *, keeps: bool) -> None:
        self._send = send
        self._keeps = keeps

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if not self._keeps:
                headers.setdefault("cache-control", "no-store")
        await self._send(message)


class _Replay:
    """Gives a body that was read out once more."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _whole(receive: Receive) -> bytes | None:
    """Read a body to its end; None for one that is too large, whatever was said of its length."""
    parts, came, more = [], 0, True
    while more:
        message = await receive()
        part: bytes = message.get("body", b"")
        came += len(part)
        if came > LARGEST_BODY:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _refusal(method: str, headers: Headers) -> Response | None:
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _NAMES:
        return _refused(
            HTTPStatus.MISDIRECTED_REQUEST,
            "unknown-host",
            "This is not its name",
            f"the console answers to {', '.join(sorted(_NAMES))} only",
            "open the console under the address that it says when it starts",
        )
    if method not in _SAFE and not _is_own(host, headers):
        return _refused(
            HTTPStatus.FORBIDDEN,
            "cross-site",
            "Another site may not command here",
            "the request was sent by a page of another site",
            "open the console itself and command from there",
        )
    return _too_large() if _declared(headers) > LARGEST_BODY else None


def _is_own(host: str, headers: Headers) -> bool:
    """Tell whether a request comes from our own pages, or from a program that is no browser."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == host


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large() -> Response:
    return _refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        "The body is too large",
        f"a body has at most {LARGEST_BODY} bytes",
        "send less: a note has room for some thousand words",
    )


def _refused(status: HTTPStatus, reason: str, title: str, detail: str, mend: str) -> Response:
    return answer(
        Problem(
            type=urn(reason),
            title=title,
            status=status,
            detail=detail,
            field="$",
            reason=reason,
            mend=mend,
        )
    )
