"""A right survives the way to the client library and back."""

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from infra.kafka.acl_bindings import binding_of, exact_filter, rights_of
from infra.kafka.rights import Operation, Pattern, Permission, Resource, Right

RIGHTS = [
    Right("User:ingest", Operation.WRITE, Resource.TOPIC, "crm.facts"),
    Right("User:analyst", Operation.READ, Resource.GROUP, "analyst", Pattern.PREFIXED),
    Right("User:ingest", Operation.WRITE, Resource.TRANSACTION, "clock"),
    Right("User:ops", Operation.DESCRIBE, Resource.CLUSTER, "kafka-cluster"),
    Right(
        "User:*",
        Operation.ALL,
        Resource.TOPIC,
        "*",
        permission=Permission.DENY,
        host="192.0.2.7",
    ),
]


@pytest.mark.parametrize("right", RIGHTS, ids=str)
def test_a_right_comes_back_as_it_went(right: Right) -> None:
    assert rights_of([binding_of(right)]) == {right}


def test_a_filter_finds_the_right_itself() -> None:
    found = exact_filter(RIGHTS[0])

    assert (found.principal, found.name, found.host) == ("User:ingest", "crm.facts", "*")
    assert found.operation is AclOperation.WRITE


def test_an_operation_that_came_later_is_another_and_not_lost() -> None:
    unknown = AclBinding(
        ResourceType.TOPIC,
        "crm.facts",
        ResourcePatternType.LITERAL,
        "User:ingest",
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    unknown.operation = AclOperation.UNKNOWN

    (right,) = rights_of([unknown])

    assert right.operation is Operation.OTHER


def test_rights_on_what_we_have_no_word_for_are_left_out() -> None:
    elsewhere = binding_of(RIGHTS[0])
    elsewhere.restype = ResourceType.UNKNOWN

    assert rights_of([elsewhere]) == set()
