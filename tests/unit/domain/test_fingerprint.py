"""The fingerprint: other rules, another fingerprint; the same rules, the same one everywhere."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from domain import decay
from domain.customer import card, fold, purchases, stake, usage
from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold, Step
from domain.customer.master_data import MasterData
from domain.customer.purchases import Purchases
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.decay import Decay
from domain.detection import gaps, silence
from domain.detection.gaps import GapStatistics
from domain.detection.silence import SilenceWatch
from events.profiles import StandingSignal
from events.signals import Placement
from events.values import CustomerId

ROOT = Path(__file__).parents[3]
GBP = CustomerFold("GBP")

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
    (stake, "PRIOR_DAYS", 8),
    (usage, "SERVICES_KEPT", 5),
    (decay, "TABLE_DAYS", 4_000),
    (purchases, "DECAY_91", Decay(90)),
    (purchases, "DECAY_182", Decay(180)),
    (usage, "DECAY_14", Decay(15)),
    (usage, "DECAY_91", Decay(90)),
    (card, "DECAY_91", Decay(90)),
    (stake, "DECAY_182", Decay(180)),
    (fold, "QUIET_EVIDENCE", "crm.order.returned.v1"),
]


@pytest.mark.parametrize(
    ("module", "name", "value"), SETTINGS, ids=[f"{m.__name__}.{n}" for m, n, _ in SETTINGS]
)
def test_another_setting_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, value: object
) -> None:
    before = fingerprint(GBP)
    monkeypatch.setattr(module, name, value)

    assert fingerprint(GBP) != before


def late_as_on_time(purchases: Purchases, _day: int, today: int, amount: int) -> Purchases:
    return WITH_ORDER(purchases, today, today, amount)


def late_use_as_on_time(entry: ServiceUsage, _day: int, today: int, amount: float) -> ServiceUsage:
    return WITH_USAGE(entry, today, today, amount)


def return_ignored(purchases: Purchases, _day: int, today: int, _amount: int) -> Purchases:
    return purchases.decayed_to(today)


def never_cleared(
    watch: SilenceWatch, statistics: GapStatistics, last_day: int, today: int
) -> SilenceWatch:
    stands = watch.raised_day is not None
    return watch if stands else AFTER_PURCHASE(watch, statistics, last_day, today)


def always_its_own_account(master: MasterData, customer_id: CustomerId) -> Placement:
    return Placement(customer_id, master.owner, master.region, master.tier)


def standing_without_figures(state: CustomerState, _today: int) -> tuple[StandingSignal, ...]:
    return STANDING(state, state.purchases.last_day or 0)


WITH_ORDER, WITH_USAGE = Purchases.with_order, ServiceUsage.with_usage
AFTER_PURCHASE, STANDING = silence.after_purchase, card.standing_signals
REGULARITY, STAKE = silence.regularity, stake.stake
RULES = [
    (Purchases, "with_order", late_as_on_time),
    (Purchases, "with_return", return_ignored),
    (ServiceUsage, "with_usage", late_use_as_on_time),
    (MasterData, "placement", always_its_own_account),
    (silence, "after_purchase", never_cleared),
    (silence, "regularity", lambda statistics: REGULARITY(statistics) * 1.000001),
    (fold, "stake", lambda bought, today: STAKE(bought, today) + 1),
    (card, "standing_signals", standing_without_figures),
]


@pytest.mark.parametrize(("owner", "name", "rule"), RULES, ids=[name for _, name, _ in RULES])
def test_another_rule_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, rule: object
) -> None:
    before = fingerprint(GBP)
    monkeypatch.setattr(owner, name, rule)

    assert fingerprint(GBP) != before


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
    said: list[str] = []

    class Listening(CustomerFold):
        def due_day(self, customer_id: CustomerId, state: CustomerState, today: int) -> Step:
            return self._heard(super().due_day(customer_id, state, today))

        def _heard(self, step: Step) -> Step:
            said.extend(type(output).__name__ for output in step.outputs)
            return step

        def _applied(
            self,
            customer_id: CustomerId,
            state: CustomerState,
            event: msgspec.Struct,
            day: int,
            today: int,
        ) -> Step:
            return self._heard(super()._applied(customer_id, state, event, day, today))

    fingerprint(Listening("GBP"))

    assert {"AnomalyRaised", "AnomalyCleared", "CustomerPlaced", "CustomerCard"} == set(said)
