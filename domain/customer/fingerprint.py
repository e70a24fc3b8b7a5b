"""The fingerprint of the fold: other code or settings, another fingerprint.

It is the SHA-256 of what the fold makes of the golden history, which walks through every rule, and of
the numbers that rules are tuned by.
"""

from hashlib import sha256

import msgspec

from domain import decay
from domain.customer import (
    complaints,
    feeds,
    known_complaints,
    life_cycle,
    room,
    segments,
    stake,
    usage,
)
from domain.customer import state as states
from domain.customer.digest import FoldDigest
from domain.customer.fold import CustomerFold
from domain.customer.golden_history import golden_history
from domain.customer.golden_metering import golden_feeds
from domain.customer.state import CustomerState
from domain.detection import gaps, silence
from domain.detection.metering_settings import metering_settings
from events import codec
from events.values import CustomerId

_ID = CustomerId("00000000-0000-5000-8000-000000000001")


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
        room.STATE_BYTES,
        room.CHURN_RESERVE,
        room.FIXED_PARTS,
        stake.LEAST_TREND,
        stake.MOST_TREND,
        stake.QUARTER.half_life_days,
        stake.HALF_YEAR.half_life_days,
        segments.HYSTERESIS,
        life_cycle.NEW_DAYS,
        life_cycle.DORMANT_AFTER_DAYS,
        life_cycle.GONE_AFTER_DAYS,
        life_cycle.GROWING_ABOVE,
        life_cycle.DECLINING_BELOW,
        life_cycle.LEAST_PURCHASE_DAYS,
        life_cycle.LIVELY_DAYS,
        usage.SERVICE_TAKES,
        feeds.UNUSED_DAYS,
        feeds.ASK_AGAIN_DAYS,
        *metering_settings(),
        known_complaints.COMPLAINTS_KEPT,
        complaints.SEVERITY_UNSAID.value,
        *((severity.value, weight) for severity, weight in complaints.SEVERITY_WEIGHTS.items()),
        decay.TABLE_DAYS,
    )


def fingerprint(fold: CustomerFold) -> str:
    """Return 64 hexadecimal digits that name this release's fold with its settings."""
    hasher = sha256(repr((*_settings(), fold.currency)).encode())
    state: CustomerState | None = None
    outputs: list[msgspec.Struct] = []
    history = iter(golden_history(fold.currency))
    ahead = next(history, None)
    for today in range(200):
        if state is not None:
            step = fold.due_day(_ID, state, today, feeds=golden_feeds(today))
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
