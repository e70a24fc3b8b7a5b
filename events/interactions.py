"""Facts about talking with a customer: visits, calls, messages, in either direction."""

from enum import StrEnum

import msgspec

from events.values import Code, CustomerRef, PersonalText


class Channel(StrEnum):
    """The way on which customer and firm met."""

    WEB = "web"
    VISIT = "visit"
    CALL = "call"
    EMAIL = "email"
    FAX = "fax"
    MAIL = "mail"
    SHOP = "shop"
    FIELD = "field"
    CHAT = "chat"


class Direction(StrEnum):
    """Who sought whom: ``inbound`` is the customer seeking the firm."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class InteractionRecorded(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Customer and firm were in contact. What it was about and what came of it are the firm's codes."""

    customer: CustomerRef
    channel: Channel
    direction: Direction
    subject: Code | None = None
    outcome: Code | None = None
    note: PersonalText | None = None
