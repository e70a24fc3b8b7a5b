"""A signal as the desk hears it: what it says, and which record said so."""

import msgspec

from events.catalogue import REGISTRY
from events.judgements import SignalRef
from events.marks import Emission
from events.signals import (
    AnomalyCleared,
    AnomalyRaised,
    CustomerPlaced,
    RiskCleared,
    RiskRaised,
    RiskStanding,
    StandingEnded,
)
from infra.log.records import OutputRecord

Signal = (
    AnomalyRaised
    | RiskRaised
    | AnomalyCleared
    | RiskCleared
    | RiskStanding
    | StandingEnded
    | CustomerPlaced
)


class Heard(msgspec.Struct, frozen=True):
    """A signal with the record that it came in."""

    ref: SignalRef
    signal: Signal

    @property
    def emission(self) -> Emission:
        """Whether it is of history or live."""
        return Emission(self.ref.emission)


def heard(record: OutputRecord) -> Heard:
    """Return what a record of ``crm.signals`` says.

    Raises ``events.registry.UnknownEventTypeError`` and ``msgspec.MsgspecError`` for one that this
    release cannot read.
    """
    signal = REGISTRY.decode(record.type, record.data)
    if not isinstance(signal, Signal):
        raise TypeError(f"{record.type} is no signal")
    ref = SignalRef(record.projection, record.partition, record.sequence, record.emission)
    return Heard(ref, signal)
