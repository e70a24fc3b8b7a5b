"""The fingerprint: other rules, another fingerprint; the same rules, the same one everywhere."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from domain import decay
from domain.customer import (
    anomalies,
    card,
    complaints,
    contacts,
    feeds,
    known_complaints,
    life_cycle,
    purchases,
    quiet_signals,
    room,
    scene,
    segments,
    stake,
    usage,
)
from domain.customer.contacts import Contacts
from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from domain.customer.golden_fold import GoldenFold
from domain.customer.golden_history import golden_history
from domain.customer.golden_model import TAUGHT
from domain.customer.known_complaints import KnownComplaint, KnownComplaints
from domain.customer.master_data import MasterData
from domain.customer.purchases import Purchases
from domain.customer.scene import Scene
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.decay import Decay
from domain.detection import anomaly, gaps, metered_watch, metering, silence
from domain.detection.day_model import START
from domain.detection.gaps import GapStatistics
from domain.detection.metering import Surprise
from domain.detection.silence import SilenceWatch
from events.catalogue import REGISTRY
from events.complaints import Severity
from events.customers import CustomerChanged
from events.interactions import InteractionRecorded
from events.profiles import StandingSignal
from events.signals import Placement
from events.values import CustomerId

ROOT = Path(__file__).parents[3]
GBP = CustomerFold("GBP")
OURS = fingerprint(GBP)

SETTINGS = [
    (silence, "RAISE_ABOVE", 4.39),
    (silence, "CLEAR_AT", 2.66),
    (silence, "COOL_DOWN_DAYS", 27),
    (silence, "LEAST_GAPS", 4),
    (silence, "GAPS_COUNTED", 10),
    (silence, "PSEUDO_GAPS", 5),
    (silence, "TYPICAL_CV2", 0.61),
    (silence, "REGULARITY_RANGE", (0.8, 6.1)),
    (silence, "FURTHEST_DAYS", 3_651),
    (silence, "DETECTOR", "silence-2"),
    (gaps, "RATE", 0.21),
    (gaps, "LOG_RATE", 0.31),
    (stake, "HORIZON_DAYS", 90),
    (room, "STATE_BYTES", 1_023),
    (room, "CHURN_RESERVE", 114),
    (room, "FIXED_PARTS", 303),
    (stake, "PRIOR_DAYS", 27),
    (stake, "LEAST_TREND", 0.4),
    (stake, "MOST_TREND", 1.6),
    (segments, "HYSTERESIS", 0.11),
    (life_cycle, "NEW_DAYS", 90),
    (life_cycle, "DORMANT_AFTER_DAYS", 90),
    (life_cycle, "GONE_AFTER_DAYS", 181),
    (life_cycle, "GROWING_ABOVE", 0.11),
    (life_cycle, "DECLINING_BELOW", -0.11),
    (life_cycle, "LEAST_PURCHASE_DAYS", 4),
    (life_cycle, "LIVELY_DAYS", 27),
    (usage, "SERVICE_TAKES", 41),
    (feeds, "UNUSED_DAYS", 90),
    (feeds, "ASK_AGAIN_DAYS", 13),
    (metering, "DETECTOR", "metering-2"),
    (metering, "FLOOR", 0.04),
    (metering, "MEAN_RATE", 0.01),
    (metering, "MEAN_CLIP", 3.0),
    (metering, "LEVEL_DAYS", 27),
    (metering, "WEEKDAY_VISITS", 15),
    (metering, "SPREAD_DAYS", 57),
    (metering, "WARM_UP_DAYS", 57),
    (metering, "UNCLIPPED_DAYS", 15),
    (metering, "LEVEL_CLIP", 2.1),
    (metering, "SPREAD_CLIP", 3.1),
    (metering, "SPREAD_RANGE", (0.11, 8.0)),
    (metering, "FIRST_SPREAD", 0.51),
    (metering, "SPREAD_OF_DEVIATION", 1.25),
    (metering, "BLIP_BEYOND", 5.1),
    (metering, "SHIFT_ALLOWANCE", 0.51),
    (metering, "SHIFT_ABOVE", 8.1),
    (metering, "RECENT_RATE", 0.21),
    (metering, "BASED_ANEW_ON", 5),
    (metering, "BAND", 2.1),
    (metering, "DEVIATION_LIMIT", 999.0),
    (metering, "LEAST_TOTAL", 1e-29),
    (metered_watch, "OPEN_DAYS_MOST", 9),
    (anomaly, "HELD_AFTER_DAYS", 27),
    (anomaly, "REPORTED", frozenset({Surprise.DROP})),
    (anomalies, "EVIDENCE_DAYS", 27),
    (anomalies, "EVIDENCE", "crm.order.placed.v1"),
    (known_complaints, "COMPLAINTS_KEPT", 3),
    (complaints, "SEVERITY_UNSAID", Severity.LOW),
    (complaints, "SEVERITY_WEIGHTS", dict.fromkeys(Severity, 1.0)),
    (complaints, "DECAY_91", Decay(90)),
    (contacts, "DECAY_91", Decay(90)),
    (decay, "TABLE_DAYS", 4_000),
    (purchases, "DECAY_91", Decay(90)),
    (purchases, "DECAY_182", Decay(180)),
    (usage, "DECAY_14", Decay(15)),
    (usage, "DECAY_91", Decay(90)),
    (card, "DECAY_91", Decay(90)),
    (stake, "QUARTER", Decay(90)),
    (stake, "HALF_YEAR", Decay(180)),
    (quiet_signals, "EVIDENCE", "crm.order.returned.v1"),
]


@pytest.mark.parametrize(
    ("module", "name", "value"), SETTINGS, ids=[f"{m.__name__}.{n}" for m, n, _ in SETTINGS]
)
def test_another_setting_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, value: object
) -> None:
    monkeypatch.setattr(module, name, value)

    assert fingerprint(GBP) != OURS


def late_as_on_time(purchases: Purchases, _day: int, today: int, amount: int) -> Purchases:
    return WITH_ORDER(purchases, today, today, amount)


def late_use_as_on_time(
    entry: ServiceUsage, _day: int, today: int, amount: float, *, asks: bool
) -> ServiceUsage:
    return WITH_USAGE(entry, today, today, amount, asks=asks)


def return_ignored(purchases: Purchases, _day: int, today: int, _amount: int) -> Purchases:
    return purchases.decayed_to(today)


def never_cleared(
    watch: SilenceWatch, statistics: GapStatistics, last_day: int, today: int
) -> SilenceWatch:
    stands = watch.raised_day is not None
    return watch if stands else AFTER_PURCHASE(watch, statistics, last_day, today)


def always_its_own_account(master: MasterData, customer_id: CustomerId) -> Placement:
    return Placement(customer_id, master.owner, master.region, master.tier)


def standing_as_of_tomorrow(where: Scene, state: CustomerState) -> tuple[StandingSignal, ...]:
    return STANDING(msgspec.structs.replace(where, today=where.today + 1), state)


def cleared_values_kept(master: MasterData, fact: CustomerChanged) -> MasterData:
    return CHANGED(master, msgspec.structs.replace(fact, cleared=()))


def late_contact_is_the_last(kept: Contacts, fact: InteractionRecorded, day: int) -> Contacts:
    return msgspec.structs.replace(WITH_INTERACTION(kept, fact, day), last_channel=fact.channel)


def every_fact_counts(_known: KnownComplaint, _day: int, *, to_open: bool) -> bool:
    return False


def what_arrives_last_stands(known: KnownComplaint, day: int, *, to_open: bool) -> KnownComplaint:
    return TOLD(
        msgspec.structs.replace(known, last_day=min(day, known.last_day)), day, to_open=to_open
    )


def an_opening_always_opens(known: KnownComplaint, day: int) -> KnownComplaint:
    return msgspec.structs.replace(known, open_since=day, opened=True)


def none_closed_unseen(complaints: KnownComplaints) -> KnownComplaints:
    return complaints


def the_newest_goes_first(kept: tuple[KnownComplaint, ...]) -> KnownComplaint:
    return kept[-1]


def said(golden: GoldenFold) -> set[str]:
    return {type(output).__name__ for output in golden.outputs}


CHANGED, WITH_INTERACTION, TOLD = MasterData.changed, Contacts.with_interaction, KnownComplaint.told
WITH_ORDER, WITH_USAGE = Purchases.with_order, ServiceUsage.with_usage
AFTER_PURCHASE, STANDING = silence.after_purchase, card.standing_signals
REGULARITY, STAKE = silence.regularity, stake.stake
RULES = [
    (Purchases, "with_order", late_as_on_time),
    (Purchases, "with_return", return_ignored),
    (ServiceUsage, "with_usage", late_use_as_on_time),
    (MasterData, "placement", always_its_own_account),
    (MasterData, "changed", cleared_values_kept),
    (Contacts, "with_interaction", late_contact_is_the_last),
    (KnownComplaint, "repeats", every_fact_counts),
    (KnownComplaint, "told", what_arrives_last_stands),
    (KnownComplaint, "opening_told", an_opening_always_opens),
    (KnownComplaints, "closing_one", none_closed_unseen),
    (known_complaints, "_first_to_go", the_newest_goes_first),
    (silence, "after_purchase", never_cleared),
    (silence, "regularity", lambda statistics: REGULARITY(statistics) * 1.000001),
    (scene, "stake", lambda bought, today: STAKE(bought, today) + 1),
    (card, "standing_signals", standing_as_of_tomorrow),
]


@pytest.mark.parametrize(("owner", "name", "rule"), RULES, ids=[name for _, name, _ in RULES])
def test_another_rule_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, rule: object
) -> None:
    monkeypatch.setattr(owner, name, rule)

    assert fingerprint(GBP) != OURS


def test_another_currency_is_another_fingerprint() -> None:
    assert fingerprint(CustomerFold("EUR")) != fingerprint(GBP)


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_it_is_the_same_in_every_process(seed: str) -> None:
    program = (
        "from domain.customer.fingerprint import fingerprint;"
        "from domain.customer.fold import CustomerFold;"
        "print(fingerprint(CustomerFold('GBP')))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert printed.stdout.strip() == fingerprint(GBP)


def test_the_golden_log_walks_through_every_signal() -> None:
    untaught, taught = [GoldenFold(GBP.under(model)) for model in (START, TAUGHT)]
    every_day = {"SnapshotTaken", "CustomerPlaced", "CustomerCard", "RiskStanding"}
    anomalies = {"AnomalyRaised", "AnomalyCleared"}

    assert said(untaught) == every_day | anomalies
    assert said(taught) == every_day | anomalies | {"RiskRaised", "RiskCleared"}


def test_the_golden_history_holds_every_fact_type_there_is() -> None:
    told = {REGISTRY.name_of(event) for _, _, event in golden_history("GBP")}

    assert told == {REGISTRY.current_name(name) for name in REGISTRY.facts}


def test_the_golden_history_is_in_the_order_of_arrival_and_nothing_of_it_lies_ahead() -> None:
    arrivals = [(day, today) for day, today, _ in golden_history("GBP")]

    assert [today for _, today in arrivals] == sorted(today for _, today in arrivals)
    assert [day for day, today in arrivals if day > today] == []
