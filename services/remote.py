"""Talks to the `serve` that holds a folder, so that a command need not stop it."""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec

from domain.retention.commands import PeoplesCommand
from events.control import ClockMode, SourceScheduled
from infra.folder import DataFolder
from infra.mendable import MendableError
from services.alerts.api import COMMANDS_PATH, CommandAnswer
from services.ingest.admin import (
    CLOCK_PATH,
    IMPORTS_PATH,
    SOURCES_PATH,
    ClockAnswer,
    ClockOrder,
    ScheduleOrder,
)
from services.ingest.import_desk import Done, Failed, ImportOrder, ImportState, Running
from services.ingest.importing.summary import AbandonedImport, ImportSummary, NothingToAbandon
from services.token_guard import TOKEN_HEADER

SECONDS_BETWEEN_QUESTIONS = 0.2
SECONDS_FOR_AN_ANSWER = 30.0

T = TypeVar("T")

_REFUSAL = msgspec.json.Decoder(dict[str, object])
_CLOCK = msgspec.json.Decoder(ClockAnswer)
_STATE: msgspec.json.Decoder[ImportState] = msgspec.json.Decoder(ImportState)
_SCHEDULED = msgspec.json.Decoder(SourceScheduled)
_ANSWER: msgspec.json.Decoder[CommandAnswer] = msgspec.json.Decoder(CommandAnswer)
_ABANDONED = msgspec.json.Decoder(dict[str, str])


class RemoteRefusedError(MendableError):
    """The serving process refused a command, or does not answer; the message says what to do."""


class Remote:
    """One serving process, at a URL, that takes commands by a token."""

    def __init__(self, url: str, token: str) -> None:
        """Raise `RemoteRefusedError` for a URL that is none."""
        self._url = url
        try:
            self._client = httpx.Client(
                base_url=url,
                headers={TOKEN_HEADER: token, "content-type": "application/json"},
                timeout=SECONDS_FOR_AN_ANSWER,
                trust_env=False,
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise self._unreachable(error) from error

    def advance_clock(self, to: datetime.date, *, many_days: bool) -> int:
        """Open every day up to ``to``; return how many that were."""
        return self._clock(ClockOrder(advance_to=to, many_days=many_days))

    def set_clock(self, mode: ClockMode, *, many_days: bool) -> ClockMode:
        """Change what "now" means; return what it means then."""
        self._clock(ClockOrder(mode=mode, many_days=many_days))
        return mode

    def schedule_source(self, scheduled: SourceScheduled) -> None:
        """Keep what a source sends every day."""
        order = ScheduleOrder(scheduled.source, scheduled.services, scheduled.delay_days)
        self._decoded(self._order("POST", SOURCES_PATH, order), _SCHEDULED)

    def execute(self, command: PeoplesCommand) -> CommandAnswer:
        """Carry out a command on a task; the serving process says what time it is."""
        return self._decoded(self._order("POST", COMMANDS_PATH, command), _ANSWER)

    def run_import(self, order: ImportOrder, report: Callable[[Running], None]) -> ImportSummary:
        """Run an import there and wait for its end."""
        self._order("POST", IMPORTS_PATH, order)
        while True:
            answer = self._call("GET", IMPORTS_PATH, None, SECONDS_FOR_AN_ANSWER)
            match self._decoded(answer, _STATE):
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
        answer = self._order("DELETE", IMPORTS_PATH, NothingToAbandon())
        given_up = self._decoded(answer, _ABANDONED)
        return AbandonedImport(**given_up) if given_up else None

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _clock(self, order: ClockOrder) -> int:
        return self._decoded(self._order("POST", CLOCK_PATH, order), _CLOCK).opened

    def _order(self, method: str, path: str, body: msgspec.Struct) -> bytes:
        """Ask for something to be done, however long it takes: opening years of days does."""
        return self._call(method, path, body, None)

    def _call(
        self, method: str, path: str, body: msgspec.Struct | None, seconds: float | None
    ) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        timeout = httpx.Timeout(SECONDS_FOR_AN_ANSWER, read=seconds)
        try:
            response = self._client.request(method, path, content=content, timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise RemoteRefusedError(self._reason(response))
        return response.content

    def _reason(self, response: httpx.Response) -> str:
        try:
            return str(_REFUSAL.decode(response.content)["detail"])
        except (msgspec.DecodeError, KeyError):
            return (
                f"the serving process at {self._url} failed with status {response.status_code};"
                " its own log says why"
            )

    def _decoded(self, answer: bytes, decoder: msgspec.json.Decoder[T]) -> T:
        try:
            return decoder.decode(answer)
        except msgspec.DecodeError as error:
            raise RemoteRefusedError(
                f"what answers at {self._url} is no holdfast of this release: {error};"
                " stop the `holdfast serve` of the folder and start this release's"
            ) from error

    def _unreachable(self, error: Exception) -> RemoteRefusedError:
        what = str(error) or type(error).__name__
        return RemoteRefusedError(
            f"the process that serves the folder does not answer at {self._url}: {what};"
            " if it has ended or hangs, start `holdfast serve` anew, then repeat this command"
        )


@contextmanager
def serving_process(folder: DataFolder) -> Iterator[Remote | None]:
    """Give the process that serves a folder, to hang up on at the end; None where none does."""
    holder = folder.holder()
    if holder is None or holder.url is None:
        yield None
        return
    remote = Remote(holder.url, holder.token)
    try:
        yield remote
    finally:
        remote.close()
