"""Copies the desk out of PostgreSQL: every table of it, as of one moment, as lines of JSON in gzip files.

The first line of a file names the columns; each other one is a row. Bytes are ``{"base64": "..."}``.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from infra.backup.manifest import BackupFile
from infra.backup.packed import PackedFile
from infra.backup.records import Raw
from infra.postgres.connection import explained
from infra.postgres.settings import PostgresSettings

ROWS_A_READ = 2000
PREFIX = "desk:"
"""How the manifest names a table, where a topic stands otherwise."""

TABLES = (
    "stored_events",
    "tracking",
    "desk_states",
    "desk_tasks",
    "desk_task_customers",
    "desk_customers",
    "desk_judgements",
    "desk_standings",
    "desk_line",
    "desk_commands",
    "desk_about",
)
Value = int | str | Raw | None
Row = dict[str, Value]

_encoder = msgspec.json.Encoder()


def dump_desk(settings: PostgresSettings, folder: Path) -> list[BackupFile]:
    """Write a file a table; none where there is no desk. It only reads.

    Raises `PostgresUnavailableError`.
    """
    with explained(settings), psycopg.connect(settings.conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        there = connection.execute("SELECT to_regclass('desk_about') IS NOT NULL").fetchone()
        if there is None or not there[0]:
            return []
        return [_dump(connection, table, folder) for table in TABLES]


def _dump(connection: psycopg.Connection, table: str, folder: Path) -> BackupFile:
    name = f"desk.{table}.jsonl.gz"
    file, rows = PackedFile(folder / name), 0
    try:
        for lines in _lines(connection, table):
            rows += len(lines)
            file.add(_encoder.encode_lines(lines))
    except BaseException:
        file.abandon()
        raise
    return BackupFile(name, PREFIX + table, 0, rows - 1, None, None, *file.close())


def _lines(connection: psycopg.Connection, table: str) -> Iterator[list[list[Value]]]:
    """Yield the names of the columns, then rows, a few at once."""
    with connection.cursor(name="desk") as cursor:
        cursor.execute(SQL("SELECT * FROM {} ORDER BY 1, 2").format(Identifier(table)))
        rows = cursor.fetchmany(ROWS_A_READ)
        yield [[column.name for column in cursor.description or ()]]
        while rows:
            yield [list(map(_written, row)) for row in rows]
            rows = cursor.fetchmany(ROWS_A_READ)


def _written(value: object) -> Value:
    match value:
        case bytes():
            return Raw(value)
        case None | int() | str():
            return value
        case _:
            return str(value)
