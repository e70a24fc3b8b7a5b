"""``console.db``: the inbox of embedded mode. What it holds is told anew by ``crm.tasks``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.inbox.port import Row, Value
from infra.inbox.sql import SqlInbox
from infra.inbox.tables import TABLES, VERSION
from infra.sqlite.connection import Durability, StoreError, explained, open_writer


class SqliteInboxFile:
    """`Database` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it where it is missing. Raises `StoreError`."""
        self._path = path
        self.anew = f"remove {path} (and its -wal and -shm) and start again, it is made anew"
        schema = ";".join(table.format(blob="BLOB", text="TEXT") for table in TABLES)
        self._connection = open_writer(path, schema, VERSION, Durability.NORMAL)

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of a query."""
        with explained(self._path):
            return list(self._connection.execute(sql, tuple(values)))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, alone among all who write to the file."""
        with explained(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def run(self, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
        """Run statements, each with rows of values."""
        for sql, rows in statements:
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def sqlite_inbox(path: Path) -> SqlInbox:
    """Open the inbox in a file. Raises `StoreError`, which says that nothing is lost with the file."""
    try:
        return SqlInbox(SqliteInboxFile(path))
    except StoreError as error:
        raise StoreError(
            f"{error} - or remove it (and its -wal and -shm): it is made anew from crm.tasks"
        ) from error
