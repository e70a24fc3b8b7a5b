"""How far ``crm.signals`` was taken in, by partition, as the desk's store has it.

It is kept after the decisions stand, and is so never ahead of them. With it stands which signal was
the last, so that a place that is of another topic, as after a restore, is told from one that holds.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from infra.desk import tables
from infra.desk.port import DeskQueries, DeskStore, Statement

_NAME = "signals:"


class SignalPlace(NamedTuple):
    """The last signal that was taken of a partition: its offset, and what it was."""

    offset: int
    projection: str
    sequence: int


_place = msgspec.json.Decoder(SignalPlace)


def kept_places(queries: DeskQueries, partitions: Iterable[int]) -> dict[int, SignalPlace]:
    """Return the place in each of these partitions of which anything was taken."""
    rows = queries.fetch(
        "SELECT name, value FROM desk_about WHERE name >= ? AND name < ?", (_NAME, _NAME + "\x7f")
    )
    places = {int(str(name).removeprefix(_NAME)): _place.decode(str(value)) for name, value in rows}
    return {partition: places[partition] for partition in partitions if partition in places}


def keep_places(store: DeskStore, places: Mapping[int, SignalPlace]) -> None:
    """Keep how far partitions were taken in."""
    rows = [
        (f"{_NAME}{partition}", msgspec.json.encode(place).decode())
        for partition, place in places.items()
    ]
    store.append((), (Statement(tables.PUT_ABOUT, rows),), None)
