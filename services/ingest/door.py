"""The only door into the log: what may become a fact, and what is refused for which reason.

Pure and synchronous: HTTP, import and (on Kafka) the intake topic all ask the very same code.
"""

import datetime
import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from events import codec
from events.calendar import BusinessCalendar, date_of, instant_of, time_of
from events.catalogue import REGISTRY
from events.control import ClockMode, LogCreated
from events.envelope import CloudEvent
from events.identity import CustomerNamespace
from events.paths import Path, money_paths, values_at, written
from events.registry import Registry, Role, UnknownEventTypeError
from events.tracing import trace_of
from events.values import Money
from infra.log.head import LogHead
from infra.log.records import NewFact

LATE_LIMIT_DAYS = 91
"""Behaviour of a day further back than this cannot be folded any more."""

FUTURE_TOLERANCE = 60 * 1_000_000
"""How far, in microseconds, an upstream clock may run ahead of ours."""

EARLIEST = -2_208_988_800 * 1_000_000
"""1900-01-01T00:00Z in microseconds: an earlier time is a mistake, whatever it says."""

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises at bytes that are not what they should be; deep nesting is the third."""

_NAMED_FIELD = re.compile(r"(?:missing required|contains unknown) field `([^`]*)`")


class RefusalReason(StrEnum):
    """Why something did not become a fact. A name here is stable for ever."""

    MALFORMED = "malformed"
    MISSING = "missing"
    MEDIA_TYPE = "media-type"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    UNKNOWN_TYPE = "unknown-type"
    INVALID = "invalid"
    WRONG_CURRENCY = "wrong-currency"
    FUTURE = "future"
    TOO_LATE = "too-late"
    TOO_OLD = "too-old"
    CONFLICT = "conflict"


class Refusal(msgspec.Struct, frozen=True):
    """What is wrong, in which field (a path such as ``$.data.total.amount``), and how to mend it."""

    reason: RefusalReason
    field: str
    detail: str
    mend: str


class Now(msgspec.Struct, frozen=True):
    """What "now" is for a check: nothing may lie beyond ``instant``; lateness counts from ``day``."""

    instant: int
    day: int | None


class Door:
    """Checks events against one log's identity."""

    def __init__(self, identity: LogCreated, registry: Registry = REGISTRY) -> None:
        self.identity = identity
        self._registry = registry
        self.calendar = BusinessCalendar(identity.business_timezone)
        self.resolve = lru_cache(maxsize=65536)(CustomerNamespace(identity.namespace).id_of)

    def now(self, head: LogHead, wall: int) -> Now:
        """Return the log's now: the wall's, or the end of the last opened day."""
        if head.clock_mode is ClockMode.WALL:
            return Now(wall + FUTURE_TOLERANCE, head.open_day)
        if head.open_day is None:
            return Now(EARLIEST, None)
        return Now(self.calendar.end_of(head.open_day), head.open_day)

    def admit(self, event: CloudEvent, now: Now) -> NewFact | Refusal:
        """Return the fact that this event becomes, or why it does not.

        The fact keeps the version in which it was sent, so that the same event sent again is told
        as the same in every later release; readers lift it. Behaviour may be `LATE_LIMIT_DAYS` late and no more; master data is never too late.
        """
        try:
            entry = self._registry.fact_type(event.type)
            sent = self._registry.decode_as_published(event.type, event.data)
            data = self._registry.lifted(event.type, sent)
        except UnknownEventTypeError as error:
            return _unknown_type(error.name)
        except UNDECODABLE as error:
            return undecodable(error, "$.data")
        refusal = self._currency_refusal(data) or _instant_refusal(event.time, now)
        if refusal is not None:
            return refusal
        instant = instant_of(event.time)
        day = self.calendar.day_of(instant)
        if entry.role is Role.BEHAVIOUR and now.day is not None and now.day - day > LATE_LIMIT_DAYS:
            return _too_late(day, now.day)
        return NewFact(
            type=event.type,
            customer_id=self.resolve(data.customer),  # type: ignore[attr-defined]  # every fact names its customer; a test holds it
            source=event.source,
            id=event.id,
            time=instant,
            day=day,
            data=codec.encode(sent),
            traceparent=trace_of(event),
        )

    def _currency_refusal(self, data: msgspec.Struct) -> Refusal | None:
        kept = self.identity.currency
        for path in money_paths(type(data)):
            for money in values_at(data, path):
                if isinstance(money, Money) and money.currency != kept:
                    return _wrong_currency(path, money.currency, kept)
        return None


def _wrong_currency(path: Path, sent: str, kept: str) -> Refusal:
    return Refusal(
        RefusalReason.WRONG_CURRENCY,
        "$.data" + written((*path, "currency")).removeprefix("$"),
        f"this log keeps {kept}, not {sent}",
        f"convert the amount to {kept} before sending it",
    )


def _instant_refusal(time: datetime.datetime, now: Now) -> Refusal | None:
    instant = instant_of(time)
    if instant < EARLIEST:
        detail = f"{time.isoformat()} lies before 1900"
        return Refusal(RefusalReason.TOO_OLD, "$.time", detail, "send the time it happened")
    return _future(time, now) if instant > now.instant else None


def _too_late(day: int, open_day: int) -> Refusal:
    return Refusal(
        RefusalReason.TOO_LATE,
        "$.time",
        f"{open_day - day} days before the open day {date_of(open_day)};"
        f" the limit is {LATE_LIMIT_DAYS}",
        "history goes into a new log by `holdfast import`",
    )


def undecodable(error: Exception, root: str) -> Refusal:
    """Turn one of the `UNDECODABLE` errors into a refusal that names the field below ``root``."""
    if isinstance(error, msgspec.ValidationError):
        return invalid(error, root)
    detail = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Refusal(RefusalReason.MALFORMED, root, detail, "send JSON in UTF-8 as RFC 8259 has it")


def invalid(error: msgspec.ValidationError, root: str) -> Refusal:
    """Turn a decoder's message, ``WHAT - at `$.path` ``, into a refusal that names the field."""
    detail, _, place = str(error).partition(" - at `$")
    named = _NAMED_FIELD.search(detail)
    return Refusal(
        RefusalReason.INVALID,
        root + place.rstrip("`") + (f".{named[1]}" if named else ""),
        detail,
        "see the type's JSON Schema in schemas/",
    )


def _unknown_type(name: str) -> Refusal:
    return Refusal(
        RefusalReason.UNKNOWN_TYPE,
        "$.type",
        f"{name!r} is not a fact type of this release",
        "see schemas/ for the types there are",
    )


def _future(time: datetime.datetime, now: Now) -> Refusal:
    limit = (
        "no day is open yet" if now.day is None else f"now is {time_of(now.instant).isoformat()}"
    )
    return Refusal(
        RefusalReason.FUTURE,
        "$.time",
        f"{time.isoformat()} has not come: {limit}",
        "check the sender's clock; on a log whose clock stands, `holdfast clock advance --to DAY`",
    )
