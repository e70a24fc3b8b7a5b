"""Who a customer is, and the word that goes out when its place in the firm changes."""

import datetime

from domain.customer.fold import CustomerFold, Step
from domain.customer.master_data import MasterData
from domain.customer.state import CustomerState
from events.customers import (
    AccountAssigned,
    ClearableField,
    CustomerChanged,
    CustomerRegistered,
)
from events.signals import CustomerPlaced, Placement
from events.values import CustomerKind
from tests.support.given import DAY, id_of, ref

FOLD = CustomerFold("GBP")
ANNA = id_of("anna")
TODAY = datetime.date(2011, 1, 26)


def folded(
    state: CustomerState | None, event: CustomerRegistered | AccountAssigned, day: int = DAY
) -> Step:
    return FOLD.fact(ANNA, state, event, day, DAY)


def registration(region: str | None = "north", tier: str | None = "gold") -> CustomerRegistered:
    return CustomerRegistered(ref("anna"), CustomerKind.VIP, tier, "retail", region)


def test_a_customer_without_an_account_is_its_own() -> None:
    step = folded(None, registration(region=None, tier=None))

    assert step.state.master.placement(ANNA) == Placement(ANNA)
    assert step.outputs == (), "nothing that a desk goes by is known yet"
    assert (step.state.master.kind, step.state.master.industry) == ("vip", "retail")


def test_a_registration_says_where_the_customer_is_placed() -> None:
    step = folded(None, registration())

    placement = Placement(ANNA, None, "north", "gold")
    assert step.outputs == (CustomerPlaced(ANNA, TODAY, placement),)


def test_the_same_registration_again_says_nothing() -> None:
    first = folded(None, registration())

    assert folded(first.state, registration()).outputs == ()


def test_another_tier_is_said() -> None:
    first = folded(None, registration())
    step = folded(first.state, registration(tier="silver"))

    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement(ANNA, None, "north", "silver")),)


def test_a_change_of_kind_or_industry_is_no_change_of_place() -> None:
    first = folded(None, registration())
    other = CustomerRegistered(ref("anna"), CustomerKind.FAMILY, "gold", "mining", "north")
    step = folded(first.state, other)

    assert step.outputs == ()
    assert (step.state.master.kind, step.state.master.industry) == ("family", "mining")


def test_an_assignment_gives_account_and_owner_and_leaves_the_rest() -> None:
    first = folded(None, registration())
    step = folded(first.state, AccountAssigned(ref("anna"), "A-1", "M-7"))

    placement = Placement("A-1", "M-7", "north", "gold")
    assert step.outputs == (CustomerPlaced(ANNA, TODAY, placement),)


def test_a_new_owner_of_the_same_account_is_said() -> None:
    first = folded(None, AccountAssigned(ref("anna"), "A-1", "M-7"))
    step = folded(first.state, AccountAssigned(ref("anna"), "A-1", "M-8"))

    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement("A-1", "M-8")),)


def test_an_owner_may_be_taken_away() -> None:
    first = folded(None, AccountAssigned(ref("anna"), "A-1", "M-7"))
    step = folded(first.state, AccountAssigned(ref("anna"), "A-1"))

    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement("A-1", None)),)


def test_the_last_registration_received_stands_whole() -> None:
    first = folded(None, registration())
    step = folded(first.state, CustomerRegistered(ref("anna"), CustomerKind.VIP))

    assert step.state.master.placement(ANNA) == Placement(ANNA)
    assert step.state.master.industry is None


def test_master_data_folds_on_arrival_however_old_it_is() -> None:
    first = folded(None, registration())
    step = folded(first.state, registration(region="south"), day=DAY - 4_000)

    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement(ANNA, None, "south", "gold")),)
    assert (step.state.facts, step.state.late_facts) == (2, 1)


def changed(state: CustomerState | None, **fields: object) -> Step:
    return FOLD.fact(ANNA, state, CustomerChanged(ref("anna"), **fields), DAY, DAY)  # type: ignore[arg-type]  # fields are told by name here


REGISTERED = folded(None, registration()).state


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    step = changed(REGISTERED, region="south")

    assert step.state.master == MasterData("vip", "gold", "retail", "south")
    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement(ANNA, None, "south", "gold")),)


def test_a_change_of_everything_changes_everything() -> None:
    step = changed(
        REGISTERED, kind=CustomerKind.FAMILY, tier="silver", industry="mining", region="south"
    )

    assert step.state.master == MasterData("family", "silver", "mining", "south")


def test_a_value_can_be_cleared() -> None:
    step = changed(REGISTERED, cleared=(ClearableField.TIER, ClearableField.REGION))

    assert step.state.master == MasterData("vip", None, "retail", None)
    assert step.outputs == (CustomerPlaced(ANNA, TODAY, Placement(ANNA)),)


def test_what_is_cleared_and_named_is_set() -> None:
    step = changed(REGISTERED, industry="mining", cleared=(ClearableField.INDUSTRY,))

    assert step.state.master.industry == "mining"
    assert step.outputs == (), "neither kind nor industry is a place"


def test_a_change_that_names_only_personal_fields_leaves_the_master_data() -> None:
    step = changed(
        REGISTERED, name="Somebody", cleared=(ClearableField.CONTACT, ClearableField.NAME)
    )

    assert step.state.master == REGISTERED.master
    assert step.outputs == ()


def test_a_change_keeps_account_and_owner() -> None:
    assigned = folded(REGISTERED, AccountAssigned(ref("anna"), "A-1", "M-7"))
    step = changed(assigned.state, tier="silver")

    assert step.state.master.placement(ANNA) == Placement("A-1", "M-7", "north", "silver")


def test_a_change_of_somebody_unknown_says_what_it_names() -> None:
    assert changed(None, tier="gold").state.master == MasterData(tier="gold")


def test_a_registration_after_a_change_stands_whole() -> None:
    step = folded(changed(REGISTERED, region="south").state, registration(tier=None))

    assert step.state.master == MasterData("vip", None, "retail", "north")
