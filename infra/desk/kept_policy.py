"""The task policy as the desk's store has it: whoever else opens the store decides by the same one."""

import msgspec

from domain.retention.policy import Policy, policy_hash
from domain.retention.working_time import WorkingClock
from events import codec
from infra.desk import tables
from infra.desk.office import Rules
from infra.desk.port import DeskQueries, DeskStore, Statement

GIVEN, IN_USE = "task-policy", "task-policy-in-use"
_policy = msgspec.json.Decoder(Policy)


def given_policy(queries: DeskQueries) -> Policy | None:
    """Return the policy that was last named by a file; None where none ever was."""
    return _kept(queries, GIVEN)


def policy_in_use(queries: DeskQueries) -> Policy | None:
    """Return the policy that alerts decide by; None before they ever ran."""
    return _kept(queries, IN_USE)


def keep_policy(store: DeskStore, policy: Policy, *, given: bool) -> None:
    """Keep the policy that is in use from now on, and with ``given`` also where none is named again."""
    said = codec.encode(policy).decode()
    rows = [(name, said) for name in ((GIVEN, IN_USE) if given else (IN_USE,))]
    store.append((), (Statement(tables.PUT_ABOUT, rows),), None)


def rules_by(policy: Policy, timezone: str) -> Rules:
    """Return by what the desk decides; ``timezone`` is the business's own."""
    return Rules(policy, policy_hash(policy), WorkingClock(policy.working_time, timezone))


def _kept(queries: DeskQueries, name: str) -> Policy | None:
    rows = queries.fetch("SELECT value FROM desk_about WHERE name = ?", (name,))
    return _policy.decode(str(rows[0][0])) if rows else None
