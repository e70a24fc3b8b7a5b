"""Rights as the client library has them, and back."""

from collections.abc import Iterable
from enum import Enum
from typing import cast

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from infra.kafka.rights import Operation, Pattern, Permission, Resource, Right

_ANYTHING = cast("str", None)
"""In a filter the library takes None for any name, which its types do not say."""

EVERY_BINDING = AclBindingFilter(
    ResourceType.ANY,
    _ANYTHING,
    ResourcePatternType.ANY,
    _ANYTHING,
    _ANYTHING,
    AclOperation.ANY,
    AclPermissionType.ANY,
)


def binding_of(right: Right) -> AclBinding:
    """Return a right as the library gives it."""
    return AclBinding(*_parts(right))


def exact_filter(right: Right) -> AclBindingFilter:
    """Return the filter that finds this right and no other."""
    return AclBindingFilter(*_parts(right))


def rights_of(bindings: Iterable[AclBinding]) -> frozenset[Right]:
    """Return those on topics, groups, transactional ids and the cluster; there are no others we need."""
    known = set(Resource)
    return frozenset(
        Right(
            binding.principal,
            _operation(_word(binding.operation)),
            Resource(_word(binding.restype)),
            binding.name,
            Pattern(_word(binding.resource_pattern_type)),
            Permission(_word(binding.permission_type)),
            binding.host,
        )
        for binding in bindings
        if _word(binding.restype) in known
    )


def _parts(
    right: Right,
) -> tuple[ResourceType, str, ResourcePatternType, str, str, AclOperation, AclPermissionType]:
    return (
        ResourceType[right.resource.value],
        right.name,
        ResourcePatternType[right.pattern.value],
        right.principal,
        right.host,
        AclOperation[right.operation.value],
        AclPermissionType[right.permission.value],
    )


def _operation(word: str) -> Operation:
    """Return the operation; one that came after this library is another."""
    return Operation(word) if word in set(Operation) else Operation.OTHER


def _word(value: Enum | str | int) -> str:
    """Return Kafka's word; a binding that came from a broker holds enums throughout."""
    return value.name if isinstance(value, Enum) else str(value)
