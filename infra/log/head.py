"""The head of a log: what its control records add up to. A pure fold, the same for every backend."""

from typing import assert_never

import msgspec

from events.calendar import day_number
from events.catalogue import REGISTRY
from events.control import (
    ClockMode,
    ClockModeSet,
    ImportEnded,
    ImportStarted,
    LogCreated,
    ModelDecided,
    ProjectionCreated,
    SourceScheduled,
)
from events.marks import DayOpened, Emission, Emitting
from events.registry import UnknownEventTypeError
from infra.log.feeds import Feed, with_closed, with_schedule
from infra.log.records import ControlRecord
from infra.mendable import MendableError

ControlEvent = (
    LogCreated
    | ClockModeSet
    | SourceScheduled
    | DayOpened
    | Emitting
    | ProjectionCreated
    | ModelDecided
    | ImportStarted
    | ImportEnded
)


class DamagedControlError(MendableError):
    """A control record cannot be read: it was changed, or a newer release wrote it."""

    def __init__(self, record: ControlRecord, error: Exception) -> None:
        super().__init__(
            f"crm.control offset {record.offset}, {record.type}, cannot be read ({error}): if a newer"
            " release wrote it, start that one; otherwise it was damaged, so restore the log from a"
            " backup (`holdfast verify` names every damaged row)"
        )


class ImportHold(msgspec.Struct, frozen=True):
    """An import that has the log: begun, and neither finished nor abandoned.

    ``baseline_day`` was the open day when it began, None in a log without a day.
    """

    import_id: str
    facts: int
    baseline_day: int | None = None


class LogHead(msgspec.Struct, frozen=True):
    """Where a log stands. ``open_day`` is None until its first day is opened.

    ``projections`` gives the fingerprint of each, ``learners`` the learner of each that
    has one, and
    ``decisions`` has what stands of each of these, a decision a day, in the order of days.
    """

    identity: LogCreated
    clock_mode: ClockMode = ClockMode.WALL
    first_day: int | None = None
    open_day: int | None = None
    hold: ImportHold | None = None
    projections: dict[str, str] = {}
    learners: dict[str, str] = {}
    decisions: dict[str, tuple[ModelDecided, ...]] = {}
    emissions: dict[str, Emission] = {}
    standing: str | None = None
    finished_imports: frozenset[str] = frozenset()
    feeds: dict[str, Feed] = {}

    @property
    def suspended_by(self) -> str | None:
        """Return the import that has the log."""
        return None if self.hold is None else self.hold.import_id

    def projection(self) -> str | None:
        """Return the projection that speaks for this log: the last one that was told to emit."""
        return self.standing

    def decided_up_to(self, projection: str) -> int | None:
        """Return the last day whose model is decided; None where none is."""
        decisions = self.decisions.get(projection)
        return day_number(decisions[-1].day) if decisions else None

    def learning_without_delay(self) -> str | None:
        """Return the standing projection, where it learns and has a model for every opened day.

        It has not after an import that is still being folded. A day that is passed over then would
        take the days before it along: a decision stands for all days up to it.
        """
        if self.standing is None or self.standing not in self.learners or self.open_day is None:
            return None
        decided = self.decided_up_to(self.standing) or self.first_day
        return self.standing if decided is not None and decided >= self.open_day else None

    def rebuild_under_way(self, fingerprint: str, learner: str | None = None) -> str | None:
        """Return the projection of this fold and learner that never took over, if there is one."""
        silent = (
            name
            for name, made_by in self.projections.items()
            if made_by == fingerprint
            and self.learners.get(name) == learner
            and name not in self.emissions
        )
        return next(silent, None)


def evolve(head: LogHead | None, event: ControlEvent) -> LogHead:
    """Fold one control event. The first one of a log is ``LogCreated``."""
    if head is None:
        if isinstance(event, LogCreated):
            return LogHead(event)
        raise ValueError("a log begins with LogCreated")
    return msgspec.structs.replace(head, **_changes(head, event))


def _changes(head: LogHead, event: ControlEvent) -> dict[str, object]:
    match event:
        case ClockModeSet(mode=mode):
            return {"clock_mode": mode}
        case DayOpened() | SourceScheduled() as event:
            return _day_changes(head, event)
        case Emitting(projection=name, emission=emission):
            emissions = {**head.emissions, name: emission}
            standing = head.standing if emission is Emission.SILENT else name
            return {"emissions": emissions, "standing": standing}
        case ProjectionCreated() | ModelDecided():
            return _changes_of_learning(head, event)
        case ImportStarted(import_id=import_id, facts=facts, open_day=date):
            baseline_day = None if date is None else day_number(date)
            return {"hold": ImportHold(import_id, facts, baseline_day)}
        case ImportEnded(import_id=import_id, finished=finished):
            carried_through = {import_id} if finished else frozenset[str]()
            return {"hold": None, "finished_imports": head.finished_imports | carried_through}
        case LogCreated():
            raise ValueError("a log is created once")
        case _ as never:
            assert_never(never)


def _day_changes(head: LogHead, event: DayOpened | SourceScheduled) -> dict[str, object]:
    """Return what a day's opening changes, or a schedule by which days of feeds close."""
    if isinstance(event, SourceScheduled):
        return {"feeds": with_schedule(head.feeds, event, head.open_day)}
    day = day_number(event.day)
    first_day = day if head.first_day is None else head.first_day
    feeds = with_closed(head.feeds, event.feeds)
    return {"open_day": day, "first_day": first_day, "feeds": feeds}


def _changes_of_learning(
    head: LogHead, event: ProjectionCreated | ModelDecided
) -> dict[str, object]:
    name = event.projection
    if isinstance(event, ModelDecided):
        up_to = head.decided_up_to(name)
        if up_to is not None and day_number(event.day) <= up_to:
            return {}  # the first one stands; on Kafka two may decide at the same moment
        decisions = (*head.decisions.get(name, ()), event)
        return {"decisions": {**head.decisions, name: decisions}}
    learners = head.learners if event.learner is None else {**head.learners, name: event.learner}
    return {"projections": {**head.projections, name: event.fingerprint}, "learners": learners}


def replay(records: list[ControlRecord]) -> LogHead | None:
    """Fold all control records of a log; None for an empty one.

    Raises `DamagedControlError` at a record that no release of this log can have written.
    """
    head: LogHead | None = None
    for record in records:
        head, _ = fold(head, record)
    return head


def fold(head: LogHead | None, record: ControlRecord) -> tuple[LogHead, ControlEvent]:
    """Fold one control record; return what it says too. Raises `DamagedControlError`."""
    try:
        event = REGISTRY.decode(record.type, record.data)
        if not isinstance(event, ControlEvent):
            raise UnknownEventTypeError(record.type)
        return evolve(head, event), event
    except (msgspec.MsgspecError, UnknownEventTypeError, ValueError) as error:
        raise DamagedControlError(record, error) from error
