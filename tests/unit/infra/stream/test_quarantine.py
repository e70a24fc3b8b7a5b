"""A fold that raises sets its customer aside, that one alone, and for good."""

import msgspec
import pytest
from structlog.testing import capture_logs

from domain.customer import state as states
from domain.customer.feeds import NO_FEEDS, Feeds
from domain.customer.fold import CustomerFold, Step
from domain.customer.state import CustomerState
from domain.detection.churn_score import Score
from events.signals import RiskStanding, StandingEnded
from events.values import CustomerId
from infra.state.memory import MemoryStateStore
from infra.state.port import Quarantined
from infra.stream.runner import Limits, Partition, PartitionRunner
from infra.stream.sequence import offset_of
from tests.support.given import DAY, id_of, order
from tests.support.world import PROJECTION, World, awaited, decoded
from tests.unit.events.test_tracing import VALID

WEEKS = range(DAY, DAY + 64, 7)
DUE = DAY + 63 + 29
BERT = id_of("bert")
LIMITS = [Limits(1_000, 1), Limits(1_000, 2), Limits(1_000, 2_000)]


class Faulty(CustomerFold):
    """A fold with a mistake in it, which only Bert meets, and only at one place."""

    def __init__(self, place: str, day: int = 0) -> None:
        super().__init__("GBP")
        self._place = place
        self._day = day

    def fact(
        self,
        customer_id: CustomerId,
        state: CustomerState | None,
        event: msgspec.Struct,
        day: int,
        today: int,
    ) -> Step:
        self._fail(customer_id, "fact", day)
        return super().fact(customer_id, state, event, day, today)

    def due_day(
        self,
        customer_id: CustomerId,
        state: CustomerState,
        today: int,
        turn_score: Score | None = None,
        feeds: Feeds = NO_FEEDS,
    ) -> Step:
        self._fail(customer_id, "due day", today)
        return super().due_day(customer_id, state, today, turn_score, feeds)

    def standings(
        self, customer_id: CustomerId, state: CustomerState, today: int
    ) -> tuple[RiskStanding, ...]:
        self._fail(customer_id, "standings", today)
        return super().standings(customer_id, state, today)

    def _fail(self, customer_id: CustomerId, place: str, day: int) -> None:
        if customer_id == BERT and place == self._place and day >= self._day:
            raise ZeroDivisionError(f"a mistake on day {day}")


async def run(world: World, fold: CustomerFold, limits: Limits | None = None) -> None:
    runner = PartitionRunner(
        Partition(PROJECTION, 0), fold, world.log, world.stores[0], limits or Limits()
    )
    try:
        await (await runner.start()).catch_up()
    finally:
        runner.close()


async def quiet_customers(silence: int) -> World:
    """Anna, Bert and Cleo buy on the same ten days and then fall silent."""
    world = await World().create()
    for day in WEEKS:
        await world.log.append([order(name, day) for name in ("anna", "bert", "cleo")])
    await world.log.advance(DAY + 63 + silence)
    return world


def outputs(world: World, customer_id: CustomerId, below: int | None = None) -> list[bytes]:
    """What was said of a customer, at all or for records below an offset."""
    return [
        record.data
        for record in world.said()
        if record.customer_id == customer_id
        and (below is None or offset_of(record.sequence) < below)
    ]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@awaited
async def test_a_fact_that_cannot_be_folded_sets_its_customer_aside(limits: Limits) -> None:
    world, healthy = await quiet_customers(40), await quiet_customers(40)
    await healthy.fold()

    await run(world, Faulty("fact", DAY + 21), limits)

    (entry,) = await world.stores[0].quarantined()
    assert (entry.customer_id, entry.error) == (
        BERT,
        f"ZeroDivisionError: a mistake on day {DAY + 21}",
    )
    record = world.log.storage.facts[0][entry.offset]
    assert (record.customer_id, record.day) == (BERT, DAY + 21)


@awaited
async def test_the_log_says_where_and_in_which_trace_and_not_what_the_error_quotes() -> None:
    world = await World().create()
    await world.log.append([msgspec.structs.replace(order("bert", DAY), traceparent=VALID)])

    with capture_logs() as lines:
        await run(world, Faulty("fact"))

    (line,) = [line for line in lines if "set aside" in line["event"]]
    (entry,) = await world.stores[0].quarantined()
    assert line["traceparent"] == VALID
    assert (line["customer"], line["offset"]) == (BERT, entry.offset)
    assert (line["partition"], line["projection"], line["kind"]) == (
        0,
        PROJECTION,
        "ZeroDivisionError",
    )
    assert "mistake" not in str(line)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@awaited
async def test_the_state_stays_as_it_was_and_everyone_else_goes_on(limits: Limits) -> None:
    world, healthy = await quiet_customers(40), await quiet_customers(40)
    await healthy.fold()

    await run(world, Faulty("fact", DAY + 21), limits)

    found, wanted = await world.states(), await healthy.states()
    assert found[BERT].facts == 3
    assert found[BERT].purchases.last_day == DAY + 14
    for name in ("anna", "cleo"):
        assert found[id_of(name)] == wanted[id_of(name)]
        assert outputs(world, id_of(name)) == outputs(healthy, id_of(name))
    (entry,) = await world.stores[0].quarantined()
    assert outputs(world, BERT) == outputs(healthy, BERT, below=entry.offset)


@awaited
async def test_who_is_set_aside_stays_so_after_a_restart_with_a_better_fold() -> None:
    world = await quiet_customers(1)
    await run(world, Faulty("fact", DAY + 21))
    before, said = await world.stores[0].quarantined(), outputs(world, BERT)

    await world.log.append([order("bert", DAY + 70), order("anna", DAY + 70)])
    await world.log.advance(DAY + 300)
    await run(world, CustomerFold("GBP"))

    assert await world.stores[0].quarantined() == before
    assert (await world.states())[BERT].facts == 3
    assert (await world.states())[id_of("anna")].facts == 11
    assert outputs(world, BERT) == said


@awaited
async def test_a_first_fact_that_cannot_be_folded_leaves_no_state() -> None:
    world = await quiet_customers(1)

    await run(world, Faulty("fact"))

    assert BERT not in await world.states()
    assert [entry.customer_id for entry in await world.stores[0].quarantined()] == [BERT]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@awaited
async def test_a_due_day_that_cannot_be_stepped_sets_its_customer_aside(limits: Limits) -> None:
    world = await quiet_customers(40)

    await run(world, Faulty("due day", DUE), limits)

    (entry,) = await world.stores[0].quarantined()
    assert entry.error == f"ZeroDivisionError: a mistake on day {DUE}"
    assert not (await world.states())[BERT].has_standing()
    assert (await world.states())[id_of("anna")].has_standing()
    assert (await world.states())[id_of("cleo")].has_standing()


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@awaited
async def test_a_standing_that_cannot_be_said_sets_its_customer_aside(limits: Limits) -> None:
    world = await quiet_customers(40)

    await run(world, Faulty("standings"), limits)

    (entry,) = await world.stores[0].quarantined()
    assert entry.customer_id == BERT
    said = [decoded(record) for record in world.said()]
    standing = [event.customer_id for event in said if isinstance(event, RiskStanding)]
    assert standing == sorted([id_of("anna"), id_of("cleo")])
    assert StandingEnded(0, 2) in said


@awaited
async def test_bytes_that_do_not_decode_set_their_customer_aside() -> None:
    world = await quiet_customers(1)
    records = world.log.storage.facts[0]
    place = max(n for n, record in enumerate(records) if record.customer_id == BERT)
    records[place] = records[place]._replace(data=b'{"customer"')

    await run(world, CustomerFold("GBP"))

    (entry,) = await world.stores[0].quarantined()
    assert entry == Quarantined(BERT, place, entry.error)
    assert entry.error.startswith("DecodeError: ")
    assert (await world.states())[BERT].facts == 9
    assert (await world.states())[id_of("anna")].facts == 10


@awaited
async def test_what_the_store_keeps_is_what_was_folded_last() -> None:
    world = await quiet_customers(1)

    await run(world, Faulty("fact", DAY + 21))

    store = world.stores[0]
    assert isinstance(store, MemoryStateStore)
    row = store.rows[BERT]
    assert row.due_day == states.decode(row.data).due_day()
    assert row.standing is False
