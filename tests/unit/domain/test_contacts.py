"""How often a customer and the firm meet, by literal histories."""

import pytest

from domain.customer.contacts import Contacts
from events.interactions import Channel, Direction, InteractionRecorded
from tests.support.given import DAY, ref

INBOUND, OUTBOUND = Direction.INBOUND, Direction.OUTBOUND


def met(*contacts: tuple[int, Channel, Direction]) -> Contacts:
    """The contacts after those of these days, counted from `DAY`, in the order of arrival."""
    kept = Contacts()
    for day, channel, direction in contacts:
        fact = InteractionRecorded(ref("anna"), channel, direction, "invoice", "promised", "note")
        kept = kept.with_interaction(fact, DAY + day)
    return kept


def test_who_was_never_met_has_no_last_contact() -> None:
    assert (Contacts().last_day, Contacts().last_channel) == (None, None)


def test_a_contact_counts_for_who_sought_it() -> None:
    assert met((0, Channel.CALL, INBOUND)) == Contacts(1.0, 0.0, DAY, Channel.CALL)
    assert met((0, Channel.VISIT, OUTBOUND)) == Contacts(0.0, 1.0, DAY, Channel.VISIT)


def test_contacts_halve_in_91_days_in_both_directions() -> None:
    contacts = met(
        (0, Channel.CALL, INBOUND), (0, Channel.FAX, OUTBOUND), (91, Channel.WEB, INBOUND)
    )

    assert (contacts.inbound_91, contacts.outbound_91) == (1.5, 0.5)


def test_a_late_contact_is_decayed_by_its_lateness_and_is_not_the_last() -> None:
    contacts = met((91, Channel.CALL, INBOUND), (0, Channel.EMAIL, INBOUND))

    assert contacts == Contacts(1.5, 0.0, DAY + 91, Channel.CALL)


def test_of_one_day_the_contact_that_arrived_last_is_the_last() -> None:
    contacts = met((5, Channel.CALL, INBOUND), (5, Channel.CHAT, OUTBOUND))

    assert (contacts.last_day, contacts.last_channel) == (DAY + 5, Channel.CHAT)


def test_the_order_of_arrival_changes_no_count() -> None:
    early, late = (0, Channel.CALL, INBOUND), (40, Channel.MAIL, OUTBOUND)

    assert met(early, late).inbound_91 == pytest.approx(met(late, early).inbound_91)
    assert met(early, late).outbound_91 == pytest.approx(met(late, early).outbound_91)


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_is_a_contact(channel: Channel) -> None:
    assert met((0, channel, OUTBOUND)).last_channel is channel


def test_subject_outcome_and_note_leave_no_trace_in_a_state() -> None:
    plain = InteractionRecorded(ref("anna"), Channel.SHOP, INBOUND)

    assert Contacts().with_interaction(plain, DAY) == met((0, Channel.SHOP, INBOUND))
