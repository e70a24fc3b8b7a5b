"""What a recorder of `eventsourcing` does for the desk, whatever it stands on, and its errors in our words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    PersistenceError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
)

from infra.desk.port import DeskConflictError, DeskUnavailableError, Statement


class DriverErrors(NamedTuple):
    """What the driver of a database raises: where something stands already, and wherever it fails."""

    conflict: type[Exception]
    failure: type[Exception]


class RecordedDesk:
    """The part of `DeskStore` that is alike on every database."""

    _recorder: ProcessRecorder

    def __init__(self, place: str, errors: DriverErrors) -> None:
        """``place`` is what messages name; whoever extends this sets ``_recorder``."""
        self._place = place
        self._errors = errors

    def append(
        self, events: Sequence[StoredEvent], rows: Sequence[Statement], tracking: Tracking | None
    ) -> None:
        """Write all of it, or nothing."""
        with self._explained():
            self._recorder.insert_events(events, tracking=tracking, rows=rows)

    def position(self, feed: str) -> int:
        """Return the last sequence that was taken of a feed, -1 before the first."""
        with self._explained():
            found = self._recorder.max_tracking_id(feed)
            return -1 if found is None else found

    def notifications(self, after: int, limit: int, topics: Sequence[str]) -> list[Notification]:
        """Return events of these types behind a notification, in their order."""
        with self._explained():
            return list(
                self._recorder.select_notifications(
                    after, limit, topics=tuple(topics), inclusive_of_start=False
                )
            )

    def notifications_end(self) -> int:
        """Return the last notification, 0 for none."""
        with self._explained():
            return self._recorder.max_notification_id() or 0

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, self._errors.conflict) as error:
            raise DeskConflictError(str(error)) from error
        except (PersistenceError, self._errors.failure) as error:
            raise DeskUnavailableError(f"{self._place}: {error}") from error
