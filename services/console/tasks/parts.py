"""What pages of tasks are given: the inbox, the desk that carries out commands, and what it keeps."""

from typing import NamedTuple, Protocol

from infra.desk.desk import Commands
from infra.desk.reading import DeskReader
from infra.inbox.sql import SqlInbox


class Health(Protocol):
    """Tells whether the inbox still follows its topic."""

    @property
    def failed(self) -> str | None:
        """Why it does not; None while it does."""
        ...


class TaskParts(NamedTuple):
    """Everything that pages of tasks ask."""

    inbox: SqlInbox
    commands: Commands
    reader: DeskReader
    health: Health
