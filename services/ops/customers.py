"""Whom a person means by CUSTOMER: an id, SYSTEM:KEY, or a KEY that only one customer bears."""

import re

import msgspec

from events.catalogue import REGISTRY
from events.identity import CustomerNamespace
from events.values import CustomerId, CustomerRef
from infra.archive.port import FactArchive
from infra.log.head import LogHead

_CUSTOMER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN = 10


class ResolvedCustomer(msgspec.Struct, frozen=True, tag="resolved"):
    """Exactly one customer is meant, and the log has facts of it."""

    customer_id: CustomerId


class UnknownCustomer(msgspec.Struct, frozen=True, tag="unknown"):
    """The log has no fact of such a customer."""

    text: str


class AmbiguousCustomer(msgspec.Struct, frozen=True, tag="ambiguous"):
    """Several customers bear this key, each in a system of its own; at most ten are listed."""

    text: str
    candidates: tuple[CustomerRef, ...]


CustomerResolution = ResolvedCustomer | UnknownCustomer | AmbiguousCustomer


async def resolve_customer(archive: FactArchive, head: LogHead, text: str) -> CustomerResolution:
    """Return whom ``text`` means.

    An id and SYSTEM:KEY are looked up; a bare KEY is searched for in all facts, which takes about
    a second for each 300,000 of them.
    """
    text = text.strip().encode("utf-8", "replace").decode()  # a terminal may hand over broken bytes
    namespace = CustomerNamespace(head.identity.namespace)
    wished = [CustomerId(text.lower())] if _CUSTOMER_ID.fullmatch(text.lower()) else []
    wished += [namespace.id_of(ref) for ref in _qualified(text)]
    for customer_id in wished:
        if await archive.first_fact(customer_id) is not None:
            return ResolvedCustomer(customer_id)
    bearers = await _bearers(archive, text)
    if len(bearers) == 1:
        return ResolvedCustomer(namespace.id_of(bearers[0]))
    if bearers:
        return AmbiguousCustomer(text, tuple(bearers[:_SHOWN]))
    return UnknownCustomer(text)


def ref_of(type_name: str, data: bytes) -> CustomerRef:
    """Return how a fact's source names its customer. Raises what `Registry.decode` raises."""
    event = REGISTRY.decode(type_name, data)
    ref: CustomerRef = event.customer  # type: ignore[attr-defined]  # every fact names its customer; a test holds it
    return ref


def _qualified(text: str) -> list[CustomerRef]:
    """Return every way to read SYSTEM:KEY, since both may hold colons."""
    colons = [place for place, letter in enumerate(text) if letter == ":"]
    return [
        CustomerRef(text[:place], text[place + 1 :])
        for place in colons
        if text[:place] and text[place + 1 :]
    ]


async def _bearers(archive: FactArchive, key: str) -> list[CustomerRef]:
    """Search all facts for customers with this key, comparing bytes before anything is decoded."""
    needle = b'"key":' + msgspec.json.encode(key) + b"}"
    found: dict[CustomerId, CustomerRef] = {}
    for partition in range(archive.partitions):
        async for record in archive.facts(partition, -1):
            known = record.customer_id is None or record.customer_id in found
            if record.customer_id is None or known or needle not in record.data:
                continue
            ref = ref_of(record.type, record.data)
            if ref.key == key:
                found[record.customer_id] = ref
    return sorted(found.values(), key=lambda ref: (ref.system, ref.key))
