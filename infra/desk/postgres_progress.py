"""Whether the desk of Kafka mode goes on, as seen from outside: who leads, what is left to do."""

from typing import NamedTuple

from infra.desk.port import DeskQueries
from infra.desk.relay import unpublished

LEAD = "holdfast alerts"
"""Under this name the process leads that does what one alerts process does at a time."""

_LED = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid = (hashtext(?)::bigint & 4294967295)::oid
AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid"""
_TAKEN = """SELECT count(*) FILTER (WHERE said > taken), coalesce(sum(taken), 0)::bigint
FROM (SELECT coalesce((SELECT max(notification_id) FROM tracking
    WHERE application_name = ? || ':' || number), -1) AS taken,
  (SELECT sequence FROM signals WHERE partition = number AND projection = ?
    ORDER BY "offset" DESC LIMIT 1) AS said
  FROM generate_series(0, ? - 1) AS number) AS partitions"""


class DeskProgress(NamedTuple):
    """``undecided`` counts partitions with signals that are left, ``unpublished`` events.

    ``moved`` is another number whenever a signal was decided on or an event published.
    """

    led: bool
    undecided: int
    unpublished: int
    moved: int


def progress_of(queries: DeskQueries, projection: str, partitions: int) -> DeskProgress:
    """Return how far the desk is with the signals of a projection that were archived.

    Raises `DeskUnavailableError`.
    """
    ((led,),) = queries.fetch(_LED, (LEAD,))
    ((archived,),) = queries.fetch("SELECT to_regclass('signals')::text")
    rows = [] if archived is None else queries.fetch(_TAKEN, (projection, projection, partitions))
    undecided, taken = [int(number or 0) for number in rows[0]] if rows else [0, 0]
    left = unpublished(queries)
    return DeskProgress(bool(led), undecided, left, taken - left)
