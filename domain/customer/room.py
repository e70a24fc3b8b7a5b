"""How many bytes of a state are left for services: what master data and the rest do not take."""

import msgspec

from domain.customer.master_data import MasterData

STATE_BYTES = 1024
CHURN_RESERVE = 115
"""Kept free for what is remembered of a churn score."""

FIXED_PARTS = 304
"""Purchases, complaints, contacts, silence and counters take at most so many bytes together."""

_encoder = msgspec.msgpack.Encoder()


def room_for_services(master: MasterData) -> int:
    """Return the bytes that services may take beside this master data.

    >>> room_for_services(MasterData())
    598
    """
    return STATE_BYTES - CHURN_RESERVE - FIXED_PARTS - len(_encoder.encode(master))
