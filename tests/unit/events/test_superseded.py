"""Superseded versions of the product: each is read for ever, as the version in use."""

import datetime
import json
from pathlib import Path

import pytest

from events import codec
from events.catalogue import REGISTRY
from events.desk import PUBLISHED_NAMES, STORED
from events.figures import SilenceFigures
from events.marks import DayOpened
from events.profiles import ComplaintFigures, ContactFigures, CustomerCard
from events.registry import Registry
from events.signals import AnomalyCleared, AnomalyRaised, RiskStanding
from events.superseded import CustomerCardV1, CustomerCardV2
from events.tasks import EvidenceAdded, TaskRaised
from schemas import generate

EXAMPLES = Path(generate.__file__).parent / "examples"
OF_SILENCE = ("crm.anomaly.raised", "crm.anomaly.cleared", "crm.risk.standing")


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def card(version: int) -> CustomerCard:
    name = f"crm.customer.card.v{version}"
    read = REGISTRY.decode(name, example(name))
    assert isinstance(read, CustomerCard)
    return read


def without_kind(value: object) -> object:
    """Plain JSON without the word that tells figures apart since version 2."""
    if isinstance(value, list):
        return [without_kind(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = value.get("kind") != "silence"
    return {key: without_kind(item) for key, item in value.items() if named or key != "kind"}


def test_a_card_of_version_1_is_read_without_complaints_and_contacts() -> None:
    lifted = card(1)

    assert lifted.complaints == ComplaintFigures(0, None, 0, 0, 0, 0, 0.0, 0.0, None)
    assert lifted.contacts == ContactFigures(0.0, 0.0, None, None)


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_card_is_read_without_score_segment_and_stage(version: int) -> None:
    assert (card(version).churn, card(version).segment, card(version).life_cycle) == (None,) * 3


@pytest.mark.parametrize(
    ("version", "added"),
    [
        (1, {"complaints", "contacts", "churn", "segment", "life_cycle", "usual"}),
        (2, {"churn", "segment", "life_cycle", "usual"}),
    ],
)
def test_an_old_card_keeps_all_that_it_said(version: int, added: set[str]) -> None:
    said = json.loads(example(f"crm.customer.card.v{version}"))
    written = json.loads(codec.encode(card(version)))

    assert {field: without_kind(written[field]) for field in said} == said
    assert set(written) - set(said) == added


def test_a_day_mark_of_version_1_closes_no_feed() -> None:
    lifted = REGISTRY.decode("crm.day.opened.v1", example("crm.day.opened.v1"))

    assert lifted == DayOpened(datetime.date(2011, 9, 1), ())
    assert REGISTRY.name_of(lifted) == "crm.day.opened.v2"


@pytest.mark.parametrize("old", [CustomerCardV1, CustomerCardV2])
def test_the_fields_of_all_versions_stand_in_one_order(
    old: type[CustomerCardV1 | CustomerCardV2],
) -> None:
    fields = CustomerCard.__struct_fields__

    assert tuple(field for field in fields if field in old.__struct_fields__) == (
        old.__struct_fields__
    )


@pytest.mark.parametrize("version", [1, 2])
def test_a_card_that_was_lifted_is_written_as_version_3(version: int) -> None:
    assert REGISTRY.name_of(card(version)) == "crm.customer.card.v3"
    assert REGISTRY.decode("crm.customer.card.v3", codec.encode(card(version))) == card(version)


def test_a_card_of_version_2_is_not_taken_for_one_of_version_1() -> None:
    with pytest.raises(ValueError, match="unknown field `complaints`"):
        REGISTRY.decode("crm.customer.card.v1", example("crm.customer.card.v2"))


def test_version_1_cannot_be_written_any_more() -> None:
    old = REGISTRY.decode_as_published("crm.customer.card.v1", example("crm.customer.card.v1"))

    with pytest.raises(KeyError):
        REGISTRY.name_of(old)


@pytest.mark.parametrize("name", OF_SILENCE)
def test_a_signal_of_version_1_is_read_as_one_of_silence(name: str) -> None:
    said = json.loads(example(f"{name}.v1"))

    lifted = REGISTRY.decode(f"{name}.v1", example(f"{name}.v1"))

    assert isinstance(lifted, AnomalyRaised | AnomalyCleared | RiskStanding)
    assert isinstance(lifted.figures, SilenceFigures)
    written = json.loads(codec.encode(lifted))
    assert written.pop("churn", None) is None
    assert without_kind(written) == said
    assert REGISTRY.name_of(lifted) == REGISTRY.current_name(f"{name}.v1")


@pytest.mark.parametrize("name", ["crm.anomaly.raised.v2", "crm.risk.standing.v2"])
def test_a_signal_of_version_2_is_read_without_a_score(name: str) -> None:
    lifted = REGISTRY.decode(name, example(name))

    assert isinstance(lifted, AnomalyRaised | RiskStanding)
    assert lifted.churn is None
    assert json.loads(codec.encode(lifted)) == {**json.loads(example(name)), "churn": None}


@pytest.mark.parametrize("name", ["crm.task.raised.v1", "crm.task.evidence-added.v1"])
@pytest.mark.parametrize("registry", [REGISTRY, STORED], ids=["published", "stored"])
def test_a_task_event_of_version_1_keeps_its_price_and_has_no_score_beside_it(
    registry: Registry, name: str
) -> None:
    said = json.loads(example(name))

    lifted = registry.decode(name, example(name))

    said["evidence"]["churn"] = None
    assert isinstance(lifted, TaskRaised | EvidenceAdded)
    assert json.loads(codec.encode(lifted)) == said
    assert name in PUBLISHED_NAMES, "the relay publishes what an earlier release has stored"


@pytest.mark.parametrize("name", OF_SILENCE)
def test_figures_must_say_of_which_kind_they_are(name: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        REGISTRY.decode(f"{name}.v2", example(f"{name}.v1"))
