"""Records of ``crm.snapshots``."""

import datetime

import msgspec


class DayClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All due customers of this partition were stepped into ``day``; ``count`` of them."""

    partition: int
    day: datetime.date
    count: int
