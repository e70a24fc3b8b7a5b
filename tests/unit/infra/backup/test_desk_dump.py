"""Nothing that the desk keeps is left out of a backup."""

import re

from infra.backup import desk_dump
from infra.desk import tables


def test_every_table_of_the_desk_is_saved() -> None:
    made = {
        found.group(1)
        for statement in tables.TABLES
        if (found := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)", statement))
    }

    assert made == set(desk_dump.TABLES) - {"stored_events", "tracking"}
