"""Control records: what was decided about the log itself, in the one partition of ``crm.control``."""

import datetime
from enum import StrEnum

import msgspec

from events.models import ChurnModel
from events.values import CurrencyCode, DelayDays, Key, ServiceCode


class ClockMode(StrEnum):
    """What "now" means: the wall's calendar, or the end of the last opened day."""

    WALL = "wall"
    LOG = "log"


class LogCreated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First record of every log: what can never change in it."""

    log_id: str
    business_timezone: str
    currency: CurrencyCode
    namespace: str


class ClockModeSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clock follows the calendar from here on, or stands at the end of the last opened day."""

    mode: ClockMode


class SourceScheduled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``source`` sends every day what was used of these services, ``delay_days`` late at most.

    It takes the place of what was declared of the source before; without services it has no schedule
    any more.
    """

    source: Key
    services: tuple[ServiceCode, ...]
    delay_days: DelayDays


class ProjectionCreated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First record of a projection: where it begins and which model it starts with.

    ``start_model`` is the name of the model that this release starts with. ``learner`` names the
    recipe that is learned; it is null where nothing learns, and then nothing ever waits for a model.
    """

    projection: str
    fingerprint: str
    first_day: datetime.date | None = None
    start_model: str | None = None
    learner: str | None = None


class ModelDecided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model by which ``projection`` scores from ``day`` on; null where it stays as it was.

    The first decision for a projection and day stands. ``refused`` says why a model that was learned
    was not taken, where one was not.
    """

    projection: str
    day: datetime.date
    model: ChurnModel | None = None
    refused: str | None = None


class ImportStarted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An import took the log for itself: clock and intake are suspended until it ends.

    ``open_day`` was the log's at that moment. By it the import's facts are judged to be too late or
    not, also after it was broken off and opened days of its own.
    """

    import_id: str
    facts: int
    open_day: datetime.date | None = None


class ImportEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The import is done, or was given up with what it had appended so far."""

    import_id: str
    finished: bool
