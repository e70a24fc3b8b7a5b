"""Every fact type from a POST to the card: accepted by the door, folded, shown, and proven."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from events.calendar import date_of
from events.catalogue import REGISTRY
from events.control import ClockMode
from events.identity import CustomerNamespace
from events.interactions import Channel
from events.registry import Role
from events.values import CustomerRef, Money
from infra.folder import DataFolder
from schemas import generate
from services.embedded import open_engine
from services.new_log import NewLog
from services.ops.cards import CardView, card_now
from services.ops.reading import open_reading
from services.ops.verify.run import verify
from tests.e2e.door_server import DoorServer, running_door
from tests.unit.ingest.door_given import LONDON, OPEN_DATE, OPEN_DAY, StandingClock

EXAMPLES = Path(generate.__file__).parent / "examples"
CLOCK = StandingClock("2026-03-14T12:00:00+00:00")
NEW_LOG = NewLog("Europe/London", "GBP", LONDON.namespace, ClockMode.WALL)
SHOP_17850 = CustomerNamespace(LONDON.namespace).id_of(CustomerRef("shop", "17850"))
BEHAVIOUR = sorted(
    name for name in REGISTRY.facts if REGISTRY.fact_type(name).role is Role.BEHAVIOUR
)
MASTER_DATA = sorted(set(REGISTRY.facts) - set(BEHAVIOUR))
IN_ORDER = ("opened", "resolved", "reopened")


def event(name: str, **changes: object) -> dict[str, object]:
    """The published example of a fact, as if it had happened on the morning of the open day."""
    example: dict[str, object] = json.loads((EXAMPLES / f"{name}.json").read_bytes())
    return example | {"time": "2026-03-14T09:00:00Z"} | changes


def post(door: DoorServer, sent: dict[str, object]) -> httpx.Response:
    headers = {"content-type": "application/cloudevents+json"}
    return httpx.post(f"{door.url}/v1/events", json=sent, headers=headers, timeout=30)


def data_of(sent: dict[str, object], **changes: object) -> dict[str, object]:
    data = sent["data"]
    assert isinstance(data, dict)
    return data | changes


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoorServer]:
    with running_door(tmp_path_factory.mktemp("door"), CLOCK) as running:
        yield running


@pytest.mark.parametrize("name", sorted(REGISTRY.facts))
def test_the_example_of_every_fact_type_is_accepted_and_then_a_duplicate(
    door: DoorServer, name: str
) -> None:
    first, second = post(door, event(name)), post(door, event(name))

    assert (first.status_code, first.json()) == (202, {"status": "accepted"})
    assert (second.status_code, second.json()) == (202, {"status": "duplicate"})


@pytest.mark.parametrize("name", BEHAVIOUR)
def test_behaviour_of_92_days_ago_is_too_late(door: DoorServer, name: str) -> None:
    answer = post(door, event(name, id="late", time="2025-12-12T12:00:00Z"))

    assert (answer.status_code, answer.json()["reason"]) == (422, "too-late")


@pytest.mark.parametrize("name", MASTER_DATA)
def test_master_data_is_accepted_however_old_it_is(door: DoorServer, name: str) -> None:
    answer = post(door, event(name, id=f"old {name}", time="1999-12-31T12:00:00Z"))

    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


WRONG = [
    ("crm.interaction.recorded.v1", {"channel": "pigeon"}, "$.data.channel"),
    ("crm.interaction.recorded.v1", {"direction": "sideways"}, "$.data.direction"),
    ("crm.interaction.recorded.v1", {"subject": "s" * 25}, "$.data.subject"),
    ("crm.complaint.opened.v1", {"severity": "unbearable"}, "$.data.severity"),
    ("crm.complaint.opened.v1", {"complaint_id": ""}, "$.data.complaint_id"),
    ("crm.complaint.opened.v1", {"satisfaction": "satisfied"}, "$.data.satisfaction"),
    ("crm.complaint.resolved.v1", {"satisfaction": True}, "$.data.satisfaction"),
    (
        "crm.complaint.resolved.v1",
        {"compensation": {"amount": -1, "currency": "GBP"}},
        "$.data.compensation.amount",
    ),
    ("crm.complaint.reopened.v1", {"note": "n" * 501}, "$.data.note"),
    ("crm.customer.changed.v1", {"cleared": ["kind"]}, "$.data.cleared[0]"),
    ("crm.customer.changed.v1", {"kind": "martian"}, "$.data.kind"),
]


@pytest.mark.parametrize(("name", "changes", "field"), WRONG, ids=[field for *_, field in WRONG])
def test_a_wrong_field_is_named(
    door: DoorServer, name: str, changes: dict[str, object], field: str
) -> None:
    sent = event(name, id="wrong")
    answer = post(door, sent | {"data": data_of(sent, **changes)})

    told = answer.json()
    assert (answer.status_code, told["reason"], told["field"]) == (422, "invalid", field)


def test_a_compensation_in_another_currency_is_refused(door: DoorServer) -> None:
    sent = event("crm.complaint.resolved.v1", id="euros")
    euros = {"amount": 5, "currency": "EUR"}

    told = post(door, sent | {"data": data_of(sent, compensation=euros)}).json()

    assert (told["reason"], told["field"]) == ("wrong-currency", "$.data.compensation.currency")


def unheard(_stage: str, _done: int, _total: int) -> None:
    """A progress that nobody watches."""


async def folded_and_read(folder: DataFolder) -> CardView:
    async with open_engine(folder, NEW_LOG, CLOCK) as engine:
        await engine.profiles.catch_up()
    async with open_reading(folder) as reading:
        view = await card_now(reading, SHOP_17850)
    assert isinstance(view, CardView)
    return view


def posted(folder: Path) -> None:
    """The examples, a complaint's in the order in which it lives."""
    names = sorted(name for name in REGISTRY.facts if "complaint" not in name)
    names += [f"crm.complaint.{step}.v1" for step in IN_ORDER]
    with running_door(folder, CLOCK) as running:
        for name in names:
            assert post(running, event(name)).status_code == 202


def test_what_was_posted_stands_on_the_card_and_is_proven(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    posted(tmp_path)

    view = asyncio.run(folded_and_read(folder))

    card = view.card
    assert (card.placement.tier, card.industry, card.kind) == ("gold", "retail", "group-small")
    assert (card.complaints.open, card.complaints.open_since) == (1, OPEN_DATE)
    counts = (card.complaints.opened, card.complaints.resolved, card.complaints.reopened)
    assert (counts, card.complaints.unsatisfied) == ((1, 1, 1), 1)
    assert (card.complaints.complaints_91, card.complaints.severity_91) == (2.0, 12.0)
    assert (card.contacts.inbound_91, card.contacts.last_day) == (1.0, date_of(OPEN_DAY))
    assert card.contacts.last_channel is Channel.CALL
    resolved = [line for line in view.latest_facts if line.resolution is not None]
    assert [line.money for line in resolved] == [Money(1_530, "GBP")]
    report = asyncio.run(verify(folder, unheard))
    assert report.differences == ()
    assert report.counts.customers == 2, "shop:17850, and billing:L-700123 of the usage example"
