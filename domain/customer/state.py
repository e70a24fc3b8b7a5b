"""A customer's whole state: at most 1 KB of canonical bytes."""

import msgspec

from domain.customer.complaints import Complaints
from domain.customer.contacts import Contacts
from domain.customer.master_data import MasterData
from domain.customer.purchases import Purchases
from domain.customer.usage import Consumption
from domain.detection.churn import ChurnWatch
from domain.detection.silence import SilenceWatch


class CustomerState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Everything that is kept of a customer between two of its facts."""

    master: MasterData = MasterData()
    purchases: Purchases = Purchases()
    consumption: Consumption = Consumption()
    complaints: Complaints = Complaints()
    contacts: Contacts = Contacts()
    silence: SilenceWatch = SilenceWatch()
    churn: ChurnWatch = ChurnWatch()
    facts: int = 0
    late_facts: int = 0

    def due_day(self) -> int | None:
        """Return the next day on which the fold must step this customer; None for never."""
        first = self.silence.due_day
        for day in (self.churn.due_day, self.consumption.due_day):
            if day is not None and (first is None or day < first):
                first = day
        return first

    def has_standing(self) -> bool:
        """Tell whether any signal stands."""
        raised = (self.silence.raised_day, self.churn.raised_day)
        return raised != (None, None) or self.consumption.has_anomaly()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CustomerState)


def encode(state: CustomerState) -> bytes:
    """Return the canonical bytes: MessagePack, fields by position."""
    return _encoder.encode(state)


def decode(data: bytes) -> CustomerState:
    """Return the state of canonical bytes. Raises ``msgspec.DecodeError`` for others."""
    return _decoder.decode(data)
