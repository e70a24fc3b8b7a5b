"""The CloudEvents 1.0 envelope, as far as Holdfast reads it.

Extension attributes are allowed and dropped, but for ``traceparent``, see `events/tracing.py`;
``subject`` and ``dataschema`` too, since the type name carries the version and the data names the
customer.
"""

import datetime
from typing import Annotated, Literal

import msgspec

from events.values import Key

SPEC_VERSION = "1.0"
EventTime = Annotated[datetime.datetime, msgspec.Meta(tz=True)]


class CloudEvent(msgspec.Struct, frozen=True):
    """One event as it arrives. CloudEvents leaves ``time`` open; a fact needs one."""

    specversion: Literal["1.0"]
    id: Key
    source: Key
    type: Key
    time: EventTime
    data: msgspec.Raw
    datacontenttype: str | None = None
    traceparent: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
