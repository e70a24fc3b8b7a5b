"""How a customer's own names in other systems become one opaque id."""

import uuid

from events.values import CustomerId, CustomerRef


class CustomerNamespace:
    """Derives customer ids in one configured UUID namespace."""

    def __init__(self, namespace: str) -> None:
        """Raise ``ValueError`` where ``namespace`` is not a UUID."""
        self._namespace = uuid.UUID(namespace)

    def id_of(self, ref: CustomerRef) -> CustomerId:
        """Return the UUIDv5 of (system, key).

        >>> space = CustomerNamespace("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
        >>> space.id_of(CustomerRef("shop", "17850"))
        'c1e66d9c-17f8-5159-9ac8-5eb2acbf9654'
        """
        return CustomerId(str(uuid.uuid5(self._namespace, f"{ref.system}\0{ref.key}")))
