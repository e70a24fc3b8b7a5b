"""The customer card: as it stands now, or folded up to a moment of the past."""

import datetime
from collections.abc import Sequence

import msgspec

from domain.customer import card as cards
from domain.customer import quiet_signals
from domain.customer import state as states
from domain.customer.anomalies import ServiceAnomaly, anomalies
from domain.customer.consumption_signals import REASONS
from domain.customer.state import CustomerState
from events.calendar import day_number, time_of
from events.catalogue import REGISTRY
from events.figures import Evidence
from events.profiles import CustomerCard
from events.signals import SignalReason
from events.usage import UsageRecorded
from events.values import CustomerId, CustomerRef
from infra.log.records import FactRecord
from services.ops.customers import ref_of
from services.ops.fact_lines import FactLine, newest_lines
from services.ops.freshness import NothingFolded, freshness
from services.ops.known import fold_known, known_at
from services.ops.reading import Reading
from services.ops.score_evidence import ReasonEvidence, score_evidence

LATEST_FACTS = 10


class SignalEvidence(msgspec.Struct, frozen=True):
    """The facts behind a standing signal: type and window of days, how many, and the newest ten."""

    reason: SignalReason
    window: Evidence
    facts: int
    newest: tuple[FactLine, ...]


class CardView(msgspec.Struct, frozen=True):
    """A customer's card with what stands behind it.

    ``customer`` is how its source names it, ``evidence`` one entry for each of ``card.signals`` but a
    risk of leaving, ``score_evidence`` one for each reason of ``card.churn``. ``card.day`` is the day that the card is
    as of; ``at`` the moment that was asked for, null for now. ``records_behind`` counts the log's records that
    are not folded in yet, ``projection`` and ``fingerprint`` name the fold and its release; each
    signal on the card names its detector. ``quarantined`` says why facts since are not folded.
    """

    customer: CustomerRef
    card: CustomerCard
    evidence: tuple[SignalEvidence, ...]
    score_evidence: tuple[ReasonEvidence, ...]
    latest_facts: tuple[FactLine, ...]
    at: datetime.datetime | None
    records_behind: int
    projection: str
    fingerprint: str
    quarantined: str | None = None


class NoCard(msgspec.Struct, frozen=True, tag="no-card"):
    """Nothing was known of this customer: as of ``at``, or at all where it is null."""

    customer_id: CustomerId
    at: datetime.datetime | None


class NotFoldedYet(msgspec.Struct, frozen=True, tag="not-folded-yet"):
    """The log has facts of this customer, but the projection has not come to them."""

    customer_id: CustomerId
    records_behind: int


class Asked(msgspec.Struct, frozen=True):
    """What was asked for, and how whole the answer is."""

    at: datetime.datetime | None
    records_behind: int
    quarantined: str | None


async def card_now(reading: Reading, customer_id: CustomerId) -> CardView | NoCard | NotFoldedYet:
    """Return the card of the stored state, as of the projection's open day."""
    if await reading.archive.first_fact(customer_id) is None:
        return NoCard(customer_id, None)
    fresh, projection = freshness(reading), reading.states()
    if isinstance(fresh, NothingFolded) or projection is None:
        return NotFoldedYet(customer_id, reading.records)
    found = await projection.row(customer_id)
    row, held, day = found.row, found.quarantined, found.position.open_day
    if row is None or day is None:
        return NotFoldedYet(customer_id, fresh.records_behind)
    archive = await reading.reaching(found)
    return _view(
        reading,
        await archive.slice(customer_id, found.position.offset),
        states.decode(row.data),
        day,
        Asked(None, fresh.records_behind, None if held is None else held.error),
    )


async def card_at(reading: Reading, customer_id: CustomerId, instant: int) -> CardView | NoCard:
    """Return the card as of an instant, in microseconds since the epoch. See `known_at`.

    A customer in quarantine is folded up to where its fold failed, as its stored state is.
    """
    known = await known_at(reading, customer_id, instant)
    folded = fold_known(reading, known)
    open_day = known.marks.today(known.last)
    if folded.state is None or open_day is None:
        return NoCard(customer_id, time_of(instant))
    asked = Asked(time_of(instant), 0, known.quarantined)
    return _view(reading, known.facts, folded.state, open_day, asked)


def _view(
    reading: Reading, facts: Sequence[FactRecord], state: CustomerState, day: int, asked: Asked
) -> CardView:
    name = reading.head.projection() or ""
    scene = reading.fold_on(day).scene(CustomerId(str(facts[0].customer_id)), day)
    card = cards.card(scene, state)
    return CardView(
        customer=ref_of(facts[0].type, facts[0].data),
        card=card,
        evidence=_evidence(state, facts),
        score_evidence=score_evidence(card.churn, facts),
        latest_facts=newest_lines(facts, LATEST_FACTS),
        at=asked.at,
        records_behind=asked.records_behind,
        projection=name,
        fingerprint=reading.head.projections.get(name, ""),
        quarantined=asked.quarantined,
    )


def _evidence(state: CustomerState, facts: Sequence[FactRecord]) -> tuple[SignalEvidence, ...]:
    """Return the facts behind silence and anomalies, in the order of the card's signals."""
    found: list[SignalEvidence] = []
    if state.silence.raised_day is not None:
        window = quiet_signals.evidence(state)
        behind = _within(window, facts)
        newest = newest_lines(behind, LATEST_FACTS)
        found.append(SignalEvidence(SignalReason.UNUSUALLY_QUIET, window, len(behind), newest))
    return (*found, *(_of_anomaly(entry, facts) for entry in anomalies(state.consumption)))


def _of_anomaly(entry: ServiceAnomaly, facts: Sequence[FactRecord]) -> SignalEvidence:
    """Return the records of use of the service in the days that its level rests on."""
    window = entry.window()
    behind = [fact for fact in _within(window, facts) if _service_of(fact) == entry.service]
    newest = newest_lines(behind, LATEST_FACTS)
    return SignalEvidence(REASONS[entry.anomaly.surprise], window, len(behind), newest)


def _within(window: Evidence, facts: Sequence[FactRecord]) -> list[FactRecord]:
    first, last = day_number(window.first_day), day_number(window.last_day)
    return [
        fact
        for fact in facts
        if fact.type == window.fact_type and fact.day is not None and first <= fact.day <= last
    ]


def _service_of(fact: FactRecord) -> str | None:
    used = REGISTRY.decode(fact.type, fact.data)
    return used.service if isinstance(used, UsageRecorded) else None
