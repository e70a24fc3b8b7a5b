"""Rights that somebody else gave or denied, and that stand against "only ingest appends"."""

from collections.abc import Sequence

from infra.kafka.rights import Operation, Permission, Resource, Right

CHANGING = frozenset(
    {
        Operation.ALL,
        Operation.WRITE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.ALTER_CONFIGS,
    }
)
"""Operations by which a topic, or what stands in it, becomes another."""

EVERYBODY = "User:*"


def foreign(
    needed: frozenset[Right], topics: Sequence[str], found: frozenset[Right]
) -> list[Right]:
    """Return the rights to change one of our topics that nobody needs, from whichever host."""
    given = {(right.principal, right.operation, right.name) for right in needed}
    return [
        right
        for right in sorted(found)
        if right.permission is Permission.ALLOW
        and right.operation in CHANGING
        and (right.principal, right.operation, right.name) not in given
        and any(right.covers(topic) for topic in topics)
    ]


def denied(needed: frozenset[Right], found: frozenset[Right]) -> list[Right]:
    """Return the denials that take a needed right away from whom it is given to."""
    return [
        right
        for right in sorted(found)
        if right.permission is Permission.DENY and any(_stops(right, one) for one in needed)
    ]


def _stops(denial: Right, needed: Right) -> bool:
    return (
        denial.principal in {needed.principal, EVERYBODY}
        and denial.operation in {needed.operation, Operation.ALL}
        and denial.resource is needed.resource
        and _reaches(denial, needed)
    )


def _reaches(denial: Right, needed: Right) -> bool:
    if denial.resource is Resource.TOPIC:
        return denial.covers(needed.name)
    return denial.name in {needed.name, "*"}
