"""The watch over one metered service: totals of days not closed yet, what is usual, what stands.

Packed into bytes, little-endian: a head of 6, four for each day not closed, 32 of what is usual once a
day was counted, 17 while an anomaly stands. All numbers pass through that packing, so that a signal
says the same when it is raised and whenever it is looked at later.
"""

import struct
from typing import NamedTuple

from domain.detection import anomaly, metering
from domain.detection.anomaly import Anomaly
from domain.detection.metering import Level, Surprise

OPEN_DAYS_MOST = 8
"""A feed's delay is seven days at most, so eight days may be open at once."""

_HEAD = struct.Struct("<iBB")
_TOTAL = struct.Struct("<f")
_LEVEL = struct.Struct("<ffe7eeeeBB")
_ANOMALY = struct.Struct("<BBBffeee")
_COUNT_AT, _KEPT_AT = 4, 5
_LEARNING, _STANDING = 1, 2


class Watch(NamedTuple):
    """``totals`` are those of ``next_day``, the first one not closed, and of the days after it."""

    next_day: int
    totals: tuple[float, ...] = ()
    level: Level = Level()
    anomaly: Anomaly | None = None


def pack(watch: Watch) -> bytes:
    """Return the bytes of a watch."""
    level, standing = watch.level, watch.anomaly
    kept = _LEARNING * (level.counted > 0) | _STANDING * (standing is not None)
    parts = [_HEAD.pack(watch.next_day, len(watch.totals), kept)]
    parts += [_TOTAL.pack(total) for total in watch.totals]
    if level.counted:
        parts.append(_LEVEL.pack(*level[:3], *level.weekdays, *level[4:]))
    if standing is not None:
        age, lag = watch.next_day - standing.day, standing.raised_day - standing.day
        parts.append(_ANOMALY.pack(standing.surprise, age, lag, *standing[3:]))
    return b"".join(parts)


def unpack(data: bytes) -> Watch:
    """Return the watch of packed bytes. Raises ``struct.error`` for others."""
    next_day, count, kept = _HEAD.unpack_from(data)
    at = _HEAD.size
    totals = struct.unpack_from(f"<{count}f", data, at)
    at += _TOTAL.size * count
    level, standing = Level(), None
    if kept & _LEARNING:
        usual, mean_used, spread, *others = _LEVEL.unpack_from(data, at)
        level = Level(usual, mean_used, spread, tuple(others[:7]), *others[7:])
        at += _LEVEL.size
    if kept & _STANDING:
        surprise, age, lag, *figures = _ANOMALY.unpack_from(data, at)
        day = next_day - age
        standing = Anomaly(Surprise(surprise), day, day + lag, *figures)
    return Watch(next_day, totals, level, standing)


def stands(data: bytes) -> bool:
    """Tell whether an anomaly stands."""
    return data[_KEPT_AT] & _STANDING != 0


def anomaly_of(data: bytes) -> Anomaly | None:
    """Return what stands, without looking at the rest where nothing does."""
    return unpack(data).anomaly if stands(data) else None


def takes(data: bytes) -> int:
    """Return the most bytes that a watch needs until its service is used on a new day."""
    if not data[_KEPT_AT] & _LEARNING:
        return len(data)
    return _HEAD.size + _TOTAL.size * data[_COUNT_AT] + _LEVEL.size + _ANOMALY.size


def begun(day: int, today: int) -> bytes:
    """Return the watch of a service first used on ``day``; none for a day too old to be open."""
    return pack(Watch(day)) if today - day < OPEN_DAYS_MOST else b""


def with_amount(data: bytes, day: int, amount: float) -> bytes:
    """Return the watch after so much was used on a day; a day that is closed stays as it was."""
    next_day, count, _ = _HEAD.unpack_from(data)
    place = day - next_day
    if place < 0:
        return data
    at = _HEAD.size + _TOTAL.size * place
    if place < count:
        (total,) = _TOTAL.unpack_from(data, at)
        return data[:at] + _TOTAL.pack(total + amount) + data[at + _TOTAL.size :]
    watch = unpack(data)
    zeros = (0.0,) * (place - count)
    totals = (*watch.totals, *zeros, amount)
    forgotten = max(0, len(totals) - OPEN_DAYS_MOST)
    return pack(watch._replace(next_day=next_day + forgotten, totals=totals[forgotten:]))


def closed(watch: Watch, day: int, today: int, *, arrived: bool) -> Watch:
    """Return the watch after ``day`` was closed at the opening of ``today``.

    A day whose feed arrived counts with its total, 0 where nothing was used; without it the day is
    missing, and so are earlier days that were never closed. A day closed before changes nothing.
    """
    place = day - watch.next_day
    if place < 0:
        return watch
    rest = watch.totals[place + 1 :]
    if not arrived:
        return Watch(day + 1, rest, watch.level, anomaly.after_missing_day(watch.anomaly, day))
    total = watch.totals[place] if place < len(watch.totals) else 0.0
    found = metering.judged(watch.level, day, total)
    level = metering.learned(watch.level, day, total, found)
    fresh = anomaly.noticed(found, day, today, total)
    return Watch(day + 1, rest, level, anomaly.after_day(watch.anomaly, fresh, level, day))
