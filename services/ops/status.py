"""Where a log stands: its records, its clock, its sources, its projection and model, how fresh it is."""

import datetime

import msgspec

from events.calendar import date_of, time_of
from events.catalogue import REGISTRY
from events.control import ClockMode, ImportStarted
from services.ops.model_status import ModelStatus, model_status
from services.ops.place import Cluster, Place, described, everything_written, holder_of
from services.ops.reading import Reading

_ACCEPTED, _DUPLICATE, _LATE = "accepted", "duplicate", "late"


class DayStatus(msgspec.Struct, frozen=True):
    """The log's days. ``unopened`` counts the days that the wall is ahead of the open day."""

    first_day: datetime.date | None
    open_day: datetime.date | None
    days_opened: int
    unopened: int


class LogStatus(msgspec.Struct, frozen=True):
    """What the log is and holds. ``now`` is what its clock says; ``written`` the last append."""

    log_id: str
    business_timezone: str
    currency: str
    clock_mode: ClockMode
    now: datetime.datetime | None
    days: DayStatus
    facts: int
    marks: int
    customers: int
    written: datetime.datetime | None


class HeldCustomer(msgspec.Struct, frozen=True):
    """A customer in quarantine: the fact at ``offset`` could not be folded, and why."""

    customer_id: str
    offset: int
    error: str


class ProjectionStatus(msgspec.Struct, frozen=True):
    """Where the projection stands. ``days_behind`` is null before it opened a day.

    Of several partitions, ``offset`` adds up the records behind it in each, less one as for a
    single partition; day and emission are those of the one that is furthest behind.
    """

    name: str
    fingerprint: str
    offset: int
    open_day: datetime.date | None
    emission: str
    records_behind: int
    days_behind: int | None
    customers: int
    standing_signals: int
    quarantined: tuple[HeldCustomer, ...]


class SourceTally(msgspec.Struct, frozen=True):
    """What became of a source's events; the source is empty where it could not be read."""

    source: str
    accepted: int
    duplicate: int
    late: int
    refused: dict[str, int]


class ImportUnderWay(msgspec.Struct, frozen=True):
    """An import has the log for itself: the door answers 503 until it is finished or abandoned."""

    import_id: str
    facts: int
    since: datetime.datetime


class Holder(msgspec.Struct, frozen=True):
    """The process that works on the folder; ``halted`` says why its profiles stand still, if so.

    ``console`` is where its pages are.

    ``pid`` is null where another user owns the folder: only its owner may know who holds it, if
    anybody.
    """

    pid: int | None
    url: str | None = None
    halted: str | None = None
    console: str | None = None


class Status(msgspec.Struct, frozen=True):
    """Everything about one log, as of one moment. ``dead_letters`` are counted by reason.

    ``archive_behind`` counts what Kafka has and the archive, which all of this is read from, has
    not; null where the archive is the log itself.
    """

    folder: str
    log: LogStatus
    projection: ProjectionStatus | None
    model: ModelStatus | None
    sources: tuple[SourceTally, ...]
    dead_letters: dict[str, int]
    import_under_way: ImportUnderWay | None
    holder: Holder | None
    archive_behind: int | None = None


async def status(reading: Reading, place: Place, wall: int) -> Status:
    """Return where a log stands; ``wall`` is the wall's time in microseconds."""
    return Status(
        folder=described(place),
        log=await _log(reading, wall),
        projection=await _projection(reading),
        model=model_status(reading),
        sources=_sources(await reading.archive.tallies()),
        dead_letters=dict(await reading.archive.letter_counts()),
        import_under_way=await _import(reading),
        holder=_holder(place),
        archive_behind=await _archive_behind(reading, place),
    )


async def _archive_behind(reading: Reading, place: Place) -> int | None:
    if not isinstance(place, Cluster):
        return None
    return await (await everything_written(place))(reading.archive)


def _holder(place: Place) -> Holder | None:
    try:
        found = holder_of(place)
    except PermissionError:
        return Holder(None)
    return None if found is None else Holder(found.pid, found.url, found.halted, found.console)


async def _log(reading: Reading, wall: int) -> LogStatus:
    head, archive, partitions = reading.head, reading.archive, reading.partitions
    ends = [record for p in partitions for record in await archive.newest_facts(p, 1, None)]
    now = wall if head.clock_mode is ClockMode.WALL else None
    if now is None and head.open_day is not None:
        now = reading.calendar.end_of(head.open_day)
    return LogStatus(
        log_id=head.identity.log_id,
        business_timezone=head.identity.business_timezone,
        currency=head.identity.currency,
        clock_mode=head.clock_mode,
        now=None if now is None else time_of(now),
        days=_days(reading, now),
        facts=sum([await archive.fact_count(partition) for partition in partitions]),
        marks=sum([await archive.mark_count(partition) for partition in partitions]),
        customers=await archive.customer_count(),
        written=time_of(max(record.appended for record in ends)) if ends else None,
    )


def _days(reading: Reading, now: int | None) -> DayStatus:
    first, last = reading.head.first_day, reading.head.open_day
    if first is None or last is None:
        return DayStatus(None, None, 0, 0)
    today = last if now is None else reading.calendar.day_of(now)
    return DayStatus(date_of(first), date_of(last), last - first + 1, max(0, today - last))


async def _projection(reading: Reading) -> ProjectionStatus | None:
    projection, identity, open_day = reading.projection, reading.identity, reading.head.open_day
    if projection is None or identity is None:
        return None
    positions = reading.positions
    slowest = min(
        positions, key=lambda position: -1 if position.open_day is None else position.open_day
    )
    folded_day = slowest.open_day
    started = folded_day is not None and open_day is not None
    return ProjectionStatus(
        name=identity.projection,
        fingerprint=identity.fingerprint,
        offset=sum(position.offset + 1 for position in positions) - 1,
        open_day=None if folded_day is None else date_of(folded_day),
        emission=slowest.emission.value,
        records_behind=reading.records_behind,
        days_behind=max(0, (open_day or 0) - (folded_day or 0)) if started else None,
        customers=await projection.count(),
        standing_signals=await projection.standing_count(),
        quarantined=tuple(HeldCustomer(*entry) for entry in await projection.quarantined()),
    )


def _sources(tallies: dict[tuple[str, str], int]) -> tuple[SourceTally, ...]:
    by_source: dict[str, dict[str, int]] = {}
    for (source, what), number in sorted(tallies.items()):
        by_source.setdefault(source, {})[what] = number
    return tuple(
        SourceTally(
            source,
            whats.pop(_ACCEPTED, 0),
            whats.pop(_DUPLICATE, 0),
            whats.pop(_LATE, 0),
            whats,
        )
        for source, whats in by_source.items()
    )


async def _import(reading: Reading) -> ImportUnderWay | None:
    if reading.head.suspended_by is None:
        return None
    for record in reversed(await reading.archive.control()):
        event = REGISTRY.decode(record.type, record.data)
        if isinstance(event, ImportStarted):
            return ImportUnderWay(event.import_id, event.facts, time_of(record.appended))
    return None
