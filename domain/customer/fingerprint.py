"""The fingerprint of the fold: other code or settings, another fingerprint.

It is the SHA-256 of what the fold makes of a golden log, a short literal history that walks through
every rule: gaps, a silence raised and cleared, late facts, returns, usage, placements.
"""

from hashlib import sha256

import msgspec

from domain import decay
from domain.customer import stake, usage
from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.state import CustomerState
from domain.detection import gaps, silence
from events import codec
from events.customers import AccountAssigned, CustomerRegistered
from events.orders import OrderPlaced, OrderReturned
from events.usage import UsageRecorded
from events.values import CustomerId, CustomerKind, CustomerRef, Money, Quantity

_ID = CustomerId("00000000-0000-5000-8000-000000000001")
_REF = CustomerRef("golden", "1")


def _settings() -> tuple[object, ...]:
    """Return every number that a rule is tuned by: the golden log need not touch each of them."""
    return (
        silence.RAISE_ABOVE,
        silence.CLEAR_AT,
        silence.COOL_DOWN_DAYS,
        silence.LEAST_GAPS,
        silence.GAPS_COUNTED,
        silence.PSEUDO_GAPS,
        silence.TYPICAL_CV2,
        silence.REGULARITY_RANGE,
        silence.FURTHEST_DAYS,
        gaps.RATE,
        gaps.LOG_RATE,
        stake.HORIZON_DAYS,
        stake.PRIOR_DAYS,
        usage.SERVICES_KEPT,
        decay.TABLE_DAYS,
    )


def _history(currency: str) -> tuple[tuple[int, int, msgspec.Struct], ...]:
    """Return (day, open day, fact) in the order of the log."""
    buying = ((0, 1200), (9, 800), (21, 950), (30, 400), (30, 100), (42, 2000), (180, 650))
    facts: list[tuple[int, int, msgspec.Struct]] = [
        (0, 0, CustomerRegistered(_REF, CustomerKind.GROUP_SMALL, "gold", "retail", "north")),
        (3, 3, AccountAssigned(_REF, "A-1", "M-7")),
    ]
    facts += [
        (day, day, OrderPlaced(_REF, f"o{day}", Money(amount, currency))) for day, amount in buying
    ]
    facts += [
        (44, 44, OrderReturned(_REF, "r1", Money(300, currency), "o42")),
        (40, 47, OrderPlaced(_REF, "late", Money(70, currency))),
        (185, 190, OrderPlaced(_REF, "late and newest", Money(90, currency))),
    ]
    facts += [
        (day, day + day % 3, UsageRecorded(_REF, f"service-{day % 8}", Quantity(day * 1.5, "GB")))
        for day in range(0, 120, 7)
    ]
    return tuple(sorted(facts, key=lambda fact: fact[1]))


def fingerprint(fold: CustomerFold) -> str:
    """Return 64 hexadecimal digits that name this release's fold with its settings."""
    hasher = sha256(repr((*_settings(), fold.currency)).encode())
    state: CustomerState | None = None
    outputs: list[msgspec.Struct] = []
    history = iter(_history(fold.currency))
    ahead = next(history, None)
    for today in range(200):
        if state is not None:
            step = fold.due_day(_ID, state, today)
            state = step.state
            outputs += step.outputs
        while ahead is not None and ahead[1] == today:
            step = fold.fact(_ID, state, ahead[2], ahead[0], today)
            state = step.state
            outputs += step.outputs
            hasher.update(states.encode(state))
            ahead = next(history, None)
        if state is not None:
            outputs += fold.standings(_ID, state, today)
    hasher.update(codec.digest(*(codec.encode(output) for output in outputs)))
    if state is not None:
        digest = FoldDigest()
        digest.add(_ID, state, outputs)
        hasher.update(digest.hexdigest().encode())
    return hasher.hexdigest()
