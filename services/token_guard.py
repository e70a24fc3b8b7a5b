"""Who may command a serving process: whoever may read the folder's lock file, and so brings its token."""

import hmac

from fastapi import Request

TOKEN_HEADER = "holdfast-token"  # noqa: S105 - the name of the header, not what stands in it


class StrangerError(Exception):
    """A command came without the token, or not as a terminal sends it."""


def check_sender(request: Request, token: bytes) -> None:
    """Raise `StrangerError` unless the token comes, in JSON, which no web page sends unasked."""
    given = request.headers.get(TOKEN_HEADER, "").encode()
    if not hmac.compare_digest(given, token):
        raise StrangerError("commands are taken from who may read the folder's lock file only")
    if request.headers.get("content-type") != "application/json":
        raise StrangerError("commands are taken as application/json only")
