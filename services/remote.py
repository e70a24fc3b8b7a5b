"""Talks to the `serve` that holds a folder, so that a command need not stop it."""

import datetime
import time
from collections.abc import Callable
from http import HTTPStatus

import httpx
import msgspec

from events.control import ClockMode
from services.ingest.admin import CLOCK_PATH, IMPORTS_PATH, ClockAnswer, ClockOrder
from services.ingest.import_desk import Done, Failed, ImportOrder, ImportState, Running
from services.ingest.importing.summary import AbandonedImport, ImportSummary, NothingToAbandon

SECONDS_BETWEEN_QUESTIONS = 0.2


class RemoteRefusedError(Exception):
    """The serving process refused a command; the message is its own."""


class Remote:
    """One serving process."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30.0, trust_env=False)

    def advance_clock(self, to: datetime.date) -> int:
        """Open every day up to ``to``; return how many that were."""
        return self._clock(ClockOrder(advance_to=to))

    def set_clock(self, mode: ClockMode) -> ClockMode:
        """Change what "now" means; return what it means then."""
        self._clock(ClockOrder(mode=mode))
        return mode

    def run_import(self, order: ImportOrder, report: Callable[[Running], None]) -> ImportSummary:
        """Run an import there and wait for its end."""
        self._call("POST", IMPORTS_PATH, order)
        while True:
            answer = self._call("GET", IMPORTS_PATH)
            match msgspec.json.decode(answer, type=ImportState):
                case Running() as running:
                    report(running)
                    time.sleep(SECONDS_BETWEEN_QUESTIONS)
                case Done(summary=summary):
                    return summary
                case Failed(error=error):
                    raise RemoteRefusedError(error)
                case _:
                    raise RemoteRefusedError("the serving process was started anew; try again")

    def abandon_import(self) -> AbandonedImport | None:
        """Give up the import that was broken off there; None where there was none."""
        answer = self._call("DELETE", IMPORTS_PATH, NothingToAbandon())
        given_up = msgspec.json.decode(answer, type=dict[str, str])
        return AbandonedImport(**given_up) if given_up else None

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _clock(self, order: ClockOrder) -> int:
        answer = self._call("POST", CLOCK_PATH, order)
        return msgspec.json.decode(answer, type=ClockAnswer).opened

    def _call(self, method: str, path: str, body: msgspec.Struct | None = None) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"content-type": "application/json"}
        response = self._client.request(method, path, content=content, headers=headers)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise RemoteRefusedError(str(response.json()["detail"]))
        return response.content
