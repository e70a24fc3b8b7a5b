"""Structured logs on standard error: an object of JSON a line, or words for a person at a terminal.

Nothing of what events say is logged: their place, partition and offset, tells it to who may look there.
A customer is named by its opaque id at most.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping, Sequence
from enum import StrEnum
from types import TracebackType

import structlog
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from structlog.typing import EventDict, Processor, WrappedLogger

from infra.mendable import MendableError
from infra.secrets import words_of

PREFIX = "HOLDFAST_LOG_"
COMMAND = "command"
"""What a process is called that does one thing and ends."""

OURS = ("events", "domain", "schemas", "infra", "services")
FIRST = ("time", "level", "service", "logger", "message", "traceparent")
"""How a line begins; the rest follows in its order, ``error`` with its traceback at the end."""

LAST = "error"


class LogFormat(StrEnum):
    """How log lines look."""

    AUTO = "auto"
    JSON = "json"
    HUMAN = "human"


class LogSettings(BaseSettings):
    """How log lines look. Environment variables with the prefix ``HOLDFAST_LOG_``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="Log lines as `json` or for a `human`; `auto`: for a human where standard error is a terminal.",
    )


class LogSettingsError(MendableError):
    """A format of log lines that there is not."""


class StandardError(logging.Handler):
    """Writes to what is standard error at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - a log that cannot be written must end nobody
            self.handleError(record)


def logging_as(service: str) -> None:
    """For a process that serves: its own lines, of libraries what is wrong, and what nobody caught.

    Raises `LogSettingsError`.
    """
    _log_by(_handler(service), logging.INFO, to=(None,))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def log_warnings_only() -> None:
    """For a command: standard output is its own, so its warnings go to standard error.

    Raises `LogSettingsError`.
    """
    _log_by(_handler(COMMAND), logging.WARNING, to=OURS)


def _log_by(handler: logging.Handler, level: int, to: Sequence[str | None]) -> None:
    for name in (None, *OURS):
        one = logging.getLogger(name)
        for former in [other for other in one.handlers if isinstance(other, StandardError)]:
            one.removeHandler(former)
        if name is not None:
            one.setLevel(level)
        if name in to:
            one.addHandler(handler)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _handler(service: str) -> logging.Handler:
    try:
        wanted = LogSettings().format
    except ValidationError as error:
        raise LogSettingsError(words_of(error, PREFIX)) from None
    handler = StandardError()
    handler.setFormatter(_formatter(service, wanted))
    return handler


def _formatter(service: str, wanted: LogFormat) -> logging.Formatter:
    named: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _ServiceNamed(service),
    ]
    human = wanted is LogFormat.HUMAN or (wanted is LogFormat.AUTO and sys.stderr.isatty())
    shown: list[Processor] = (
        [_human()]
        if human
        else [structlog.processors.format_exc_info, _in_order, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        processors=[*named, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown]
    )


def _human() -> structlog.dev.ConsoleRenderer:
    """Return what shows no variables in tracebacks: they would hold what events say."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        timestamp_key="time",
        exception_formatter=structlog.dev.plain_traceback,
    )


class _ServiceNamed:
    """Says of each line which service it is of."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {**line, "service": self._service}


def _in_order(_: WrappedLogger, __: str, line: EventDict) -> MutableMapping[str, object]:
    line = {"message": line.pop("event"), **line}
    error = line.pop("exception", None)
    ordered = {name: line.pop(name) for name in FIRST if line.get(name) is not None}
    line.pop("traceparent", None)
    return {**ordered, **line, **({} if error is None else {LAST: error})}


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("nobody caught it", exc_info=(kind, error, trace))


def _uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is not None and not issubclass(uncaught.exc_type, SystemExit):
        _uncaught(uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)
