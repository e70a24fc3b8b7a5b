"""Writes the desk of a backup into empty tables, in one transaction, as it belongs to the restored log."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from infra.backup.desk_dump import PREFIX, Row, Value
from infra.backup.desk_places import Offsets, carried_over, places_in
from infra.backup.manifest import BackupFile, Manifest
from infra.backup.records import BYTES_AT_ONCE, Raw
from infra.desk.postgres import PostgresDesk
from infra.postgres.connection import explained
from infra.postgres.settings import PostgresSettings

_line = msgspec.json.Decoder(list[int | str | Raw | None])
_NUMBERS = """SELECT setval(pg_get_serial_sequence('stored_events', 'notification_id'),
(SELECT max(notification_id) FROM stored_events))"""


def desk_files(manifest: Manifest) -> Sequence[BackupFile]:
    """Return the files of the desk; none where the log had none."""
    return [file for file in manifest.files if file.topic.startswith(PREFIX)]


def wanted_offsets(folder: Path, files: Sequence[BackupFile]) -> dict[int, set[int]]:
    """Return the offsets of facts that the desk refers to, by partition."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for file in files:
        for row in _rows(folder / file.name):
            for place in places_in(file.topic.removeprefix(PREFIX), row):
                found[place.partition].add(place.offset)
    return dict(found)


def holds_desk(settings: PostgresSettings) -> bool:
    """Tell whether anything stands at the desk already. Raises `PostgresUnavailableError`."""
    with explained(settings), psycopg.connect(settings.conninfo) as connection:
        there = connection.execute("SELECT to_regclass('stored_events') IS NOT NULL").fetchone()
        if there is None or not there[0]:
            return False
        held = connection.execute("SELECT EXISTS (SELECT FROM stored_events)").fetchone()
        return held is not None and bool(held[0])


def load_desk(
    settings: PostgresSettings, folder: Path, files: Sequence[BackupFile], offsets: Offsets
) -> None:
    """Write every table, or nothing.

    Raises:
        BackupUnusableError: the desk refers to facts that the backup does not have.
        PostgresUnavailableError: the server does not serve; nothing stands.
    """
    PostgresDesk(settings).close()  # it makes the tables
    with explained(settings), psycopg.connect(settings.conninfo) as connection:
        for file in files:
            _load(connection, folder, file, offsets)
        connection.execute(_NUMBERS)


def _load(connection: psycopg.Connection, folder: Path, file: BackupFile, offsets: Offsets) -> None:
    table = file.topic.removeprefix(PREFIX)
    columns = _columns(folder / file.name)
    query = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns))
    )
    connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))  # the library's own marks
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in _rows(folder / file.name):
            carried = carried_over(table, row, offsets)
            if carried is not None:
                copy.write_row([_read(carried[name]) for name in columns])


def _columns(path: Path) -> list[str]:
    with gzip.open(path) as file:
        return list(map(str, _line.decode(file.readline())))


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path) as file:
        columns = list(map(str, _line.decode(file.readline())))
        while lines := file.readlines(BYTES_AT_ONCE):
            for line in lines:
                yield dict(zip(columns, _line.decode(line), strict=True))


def _read(value: Value) -> int | str | bytes | None:
    return value.base64 if isinstance(value, Raw) else value
