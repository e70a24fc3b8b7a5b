"""Every event type there is, by its versioned name, and how older versions are lifted to newer ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import msgspec

Old = TypeVar("Old", bound=msgspec.Struct)


class Role(StrEnum):
    """What a type is for; it decides where a type may stand and how its lateness is treated."""

    BEHAVIOUR = "behaviour"  # a fact: something a customer did on a day
    MASTER_DATA = "master-data"  # a fact: who a customer is; folds on arrival, however old
    MARK = "mark"  # stands in every facts partition
    CONTROL = "control"  # stands in crm.control
    OUTPUT = "output"  # what a projection says


@dataclass(frozen=True)
class EventType:
    """A published type: its name with version, its struct, its role and the topics it stands in."""

    name: str
    struct: type[msgspec.Struct]
    role: Role
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Upcaster:
    """Lifts a superseded version: decode ``struct``, apply ``lift``, carry on as type ``to``."""

    name: str
    struct: type[msgspec.Struct]
    to: str
    lift: Callable[[msgspec.Struct], msgspec.Struct]

    @classmethod
    def of(
        cls, name: str, struct: type[Old], to: str, lift: Callable[[Old], msgspec.Struct]
    ) -> "Upcaster":
        """Return the upcaster of a function that takes just its own superseded struct."""

        def lifted(event: msgspec.Struct) -> msgspec.Struct:
            if not isinstance(event, struct):
                raise TypeError(f"{name} is not what {type(event).__name__} says")
            return lift(event)

        return cls(name, struct, to, lifted)


class UnknownEventTypeError(LookupError):
    """No such event type is registered in this release."""

    def __init__(self, name: str) -> None:
        super().__init__(f"event type {name!r} is not known to this release")
        self.name = name


class Registry:
    """Looks types up by name and structs by class, and decodes bytes of any published version."""

    def __init__(self, types: Sequence[EventType], upcasters: Sequence[Upcaster] = ()) -> None:
        self.types: Mapping[str, EventType] = {entry.name: entry for entry in types}
        self.upcasters: Mapping[str, Upcaster] = {entry.name: entry for entry in upcasters}
        self._names = {entry.struct: entry.name for entry in types}
        self.facts = frozenset(
            name
            for name in (*self.types, *self.upcasters)
            if self._is_fact(self.current_name(name))
        )
        structs = {name: entry.struct for name, entry in self.types.items()}
        structs |= {name: entry.struct for name, entry in self.upcasters.items()}
        self._decoders = {name: msgspec.json.Decoder(struct) for name, struct in structs.items()}

    def name_of(self, event: msgspec.Struct) -> str:
        """Return the current type name of an event."""
        return self._names[type(event)]

    def fact_type(self, name: str) -> EventType:
        """Return the type, lifted to its current version, if it is a fact that may enter the log.

        Raises:
            UnknownEventTypeError: there is none, or it is not a fact.
        """
        entry = self.types.get(self.current_name(name))
        if entry is None or entry.name not in self.facts:
            raise UnknownEventTypeError(name)
        return entry

    def _is_fact(self, name: str) -> bool:
        return self.types[name].role in {Role.BEHAVIOUR, Role.MASTER_DATA}

    def current_name(self, name: str) -> str:
        """Follow the upcasters from a published name to the name of the version in use."""
        while (upcaster := self.upcasters.get(name)) is not None:
            name = upcaster.to
        return name

    def decode(self, name: str, data: bytes) -> msgspec.Struct:
        """Decode an event of any published version into the struct of the version in use.

        Raises:
            UnknownEventTypeError: no such type.
            msgspec.ValidationError: a field is wrong; the message holds its path.
            msgspec.DecodeError: the bytes are not JSON.
        """
        event = self.decode_as_published(name, data)
        return self.lifted(name, event) if name in self.upcasters else event

    def decode_as_published(self, name: str, data: bytes) -> msgspec.Struct:
        """Decode an event into the struct of the very version that its name says.

        Raises as `decode` does.
        """
        try:
            decoder = self._decoders[name]
        except KeyError:
            raise UnknownEventTypeError(name) from None
        return decoder.decode(data)

    def lifted(self, name: str, event: msgspec.Struct) -> msgspec.Struct:
        """Return an event of version ``name`` as one of the version in use."""
        while (upcaster := self.upcasters.get(name)) is not None:
            event = upcaster.lift(event)
            name = upcaster.to
        return event
