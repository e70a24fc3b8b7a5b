"""A commit as the script takes it: counts, then what they count, each command's arguments in a row."""

from collections.abc import Sequence
from itertools import chain

import msgspec

from infra.state.port import Commit
from infra.state.redis_scripts import Argument


def changes_of(commit: Commit) -> list[Argument]:
    """Return what a commit changes, as arguments of `COMMIT` from its five counts on."""
    rows = {row.customer_id: row for row in commit.rows}.values()
    states = [part for row in rows for part in (row.customer_id, row.data)]
    due = [
        part for row in rows if row.due_day is not None for part in (row.due_day, row.customer_id)
    ]
    never_due = [row.customer_id for row in rows if row.due_day is None]
    standing = [part for row in rows if row.standing for part in (0, row.customer_id)]
    at_rest = [row.customer_id for row in rows if not row.standing]
    groups: list[Sequence[Argument]] = [states, due, never_due, standing, at_rest]
    quarantined: list[Argument] = []
    for customer_id, offset, error in commit.quarantined:
        quarantined += (customer_id, msgspec.msgpack.encode((offset, error)))
    return [*map(len, groups), *chain.from_iterable(groups), *quarantined]
