"""Facts about complaints: opened, resolved, perhaps opened again. One complaint has one id."""

from enum import StrEnum

import msgspec

from events.values import Code, CustomerRef, Key, Money, PersonalText


class Severity(StrEnum):
    """How grave a complaint is, as the firm judges it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Satisfaction(StrEnum):
    """What the customer thinks of a resolution."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"


class ComplaintOpened(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer complained. An id is opened once; that it comes back is `ComplaintReopened`."""

    customer: CustomerRef
    complaint_id: Key
    category: Code
    severity: Severity
    description: PersonalText | None = None


class ComplaintResolved(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A complaint was closed. Without ``satisfaction`` nobody asked the customer."""

    customer: CustomerRef
    complaint_id: Key
    resolution: Code
    satisfaction: Satisfaction | None = None
    compensation: Money | None = None
    note: PersonalText | None = None


class ComplaintReopened(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A complaint came back. Without ``severity`` nobody judged it anew."""

    customer: CustomerRef
    complaint_id: Key
    severity: Severity | None = None
    note: PersonalText | None = None
