"""The fingerprint notices every other rule and number of scores, risks and turns."""

from types import ModuleType

import msgspec
import pytest

from domain.customer import churn_signals, scene, turn
from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from domain.customer.golden_fold import GoldenFold
from domain.customer.golden_model import TAUGHT, UNSURE, YOUNG
from domain.customer.state import CustomerState
from domain.customer.usage import ServiceUsage
from domain.decay import Decay
from domain.detection import (
    buying_again,
    churn,
    churn_inputs,
    churn_reasons,
    churn_recipe,
    churn_score,
    day_model,
)
from domain.detection.churn import ChurnWatch, LastLook
from domain.detection.churn_recipe import GROUPS, INPUTS, RECIPE, Inputs
from domain.detection.churn_score import Score
from domain.detection.day_model import START, DayModel
from events.figures import Band, ChurnFigures, Evidence, ReasonGroup
from events.signals import ClearedBecause, RiskCleared, RiskRaised, RiskStanding
from events.snapshots import SnapshotTaken

GBP = CustomerFold("GBP")
OURS = fingerprint(GBP)


def other_recipe(**changes: object) -> object:
    return msgspec.structs.replace(RECIPE, **changes)


SETTINGS: list[tuple[ModuleType, str, object]] = [
    (churn, "RAISE_AT", 0.86),
    (churn, "CLEAR_BELOW", 0.19),
    (churn, "COOL_DOWN_DAYS", 27),
    (churn, "DETECTOR", "churn-2"),
    (churn_score, "LOW_BELOW", -0.86),
    (day_model, "LEAST_SNAPSHOTS", 401),
    (day_model, "LABELS_FOR_PERCENTAGES", 501),
    (churn_inputs, "DECIMALS", 7),
    (churn_inputs, "RATE_PRIOR_DAYS", 8),
    (churn_inputs, "DAYS_A_MONTH", 31),
    (churn_inputs, "USE_FLOOR", 0.06),
    (churn_inputs, "DECAY_14", Decay(15)),
    (churn_inputs, "DECAY_91", Decay(90)),
    (churn_inputs, "DECAY_182", Decay(180)),
    (buying_again, "R", 0.26),
    (buying_again, "ALPHA", 31.0),
    (buying_again, "A", 0.51),
    (buying_again, "B", 5.1),
    (buying_again, "LEAST_CHANCE", 1e-5),
    (buying_again, "LARGEST_EXPONENT", 600.0),
    (churn_reasons, "REASONS_SHOWN", 2),
    (churn_reasons, "LEAST_SHARE", 0.06),
    (churn_reasons, "RETURNS_WINDOW_DAYS", 181),
    (churn_recipe, "HORIZON_DAYS", 84),
    (churn_recipe, "GROUPS", {**GROUPS, ReasonGroup.RETURNS: ("returns",)}),
    (churn_recipe, "RECIPE", other_recipe(title="churn-2")),
    (churn_recipe, "RECIPE", other_recipe(rate=0.06)),
    (churn_recipe, "RECIPE", other_recipe(initial_accumulator=1.5)),
    (churn_recipe, "RECIPE", other_recipe(clip=3.9)),
    (churn_recipe, "RECIPE", other_recipe(least_variance=1e-11)),
    (churn_recipe, "RECIPE", other_recipe(start_weights=(0.0,) * 17)),
    (churn_recipe, "RECIPE", other_recipe(signs=(0,) * 17)),
    (turn, "DECAY_182", Decay(180)),
]


@pytest.mark.parametrize(
    ("module", "name", "value"),
    SETTINGS,
    ids=[f"{number} {m.__name__}.{n}" for number, (m, n, _) in enumerate(SETTINGS)],
)
def test_another_setting_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, value: object
) -> None:
    monkeypatch.setattr(module, name, value)

    assert fingerprint(GBP) != OURS


def no_cool_down(watch: ChurnWatch, log_odds: float, **named: object) -> ChurnWatch:
    return AFTER_SCORE(msgspec.structs.replace(watch, cleared_day=None), log_odds, **named)


def never_cleared(watch: ChurnWatch, log_odds: float, **named: object) -> ChurnWatch:
    return watch if watch.raised_day is not None else AFTER_SCORE(watch, log_odds, **named)


def cleared_at_the_upper_threshold(
    watch: ChurnWatch, log_odds: float, **named: object
) -> ChurnWatch:
    return AFTER_SCORE(watch, log_odds if log_odds >= 0.85 else -9.0, **named)


def raised_by_the_young_too(watch: ChurnWatch, log_odds: float, **named: object) -> ChurnWatch:
    return AFTER_SCORE(watch, log_odds, **{**named, "may_raise": True})


def for_ever_active(_last_day: int, _today: int) -> bool:
    return True


def share_of_the_total(entry: ServiceUsage, _today: int) -> float:
    return entry.total


def no_look_kept(day: int, log_odds: float, inputs: Inputs) -> LastLook:
    return LOOK(day, log_odds, (0.0,) * len(inputs))


def evidence_of_all_time(group: ReasonGroup, state: CustomerState, today: int) -> Evidence:
    return msgspec.structs.replace(EVIDENCE(group, state, today), fact_type="crm.any.v1")


def complaints_of_the_quarter(_state: CustomerState, recent: int) -> int:
    return recent


def gone_is_recovered(*named: object) -> RiskCleared:
    return msgspec.structs.replace(CLEARED(*named), because=ClearedBecause.RECOVERED)


def no_change(_scored: Score, _look: LastLook | None, _today: int) -> None:
    return None


AFTER_SCORE, LOOK, CLEARED = churn.after_score, LastLook.of, churn_signals.cleared
EVIDENCE, STAKE, VOLUME = churn_reasons._evidence, scene.stake, turn.volume
RULES = [
    (churn, "after_score", no_cool_down),
    (churn, "after_score", never_cleared),
    (churn, "after_score", cleared_at_the_upper_threshold),
    (churn, "after_score", raised_by_the_young_too),
    (churn, "is_active", for_ever_active),
    (churn, "next_turn", lambda _id, today: today + 6),
    (LastLook, "of", no_look_kept),
    (DayModel, "is_taught", property(lambda _model: True)),
    (DayModel, "says_percentages", property(lambda _model: True)),
    (churn_inputs, "_recent_share", share_of_the_total),
    (churn_inputs, "log_odds_of_buying", lambda *_: 0.25),
    (churn_signals, "band", lambda _log_odds: Band.ELEVATED),
    (churn_signals, "change", no_change),
    (churn_signals, "cleared", gone_is_recovered),
    (churn_signals, "probability", lambda _log_odds: 0.5),
    (churn_reasons, "_evidence", evidence_of_all_time),
    (churn_reasons, "_complaints_since", complaints_of_the_quarter),
    (turn, "stake", lambda bought, today: STAKE(bought, today) + 1),
    (turn, "volume", lambda bought, today: VOLUME(bought, today) + 1e-9),
    (turn, "segment", lambda _stake, _volume, _cut_points, current: current),
]


@pytest.mark.parametrize(
    ("owner", "name", "rule"),
    RULES,
    ids=[f"{name} {getattr(rule, '__name__', 'other')}" for _, name, rule in RULES],
)
def test_another_rule_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, rule: object
) -> None:
    monkeypatch.setattr(owner, name, rule)

    assert fingerprint(GBP) != OURS


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_is_walked_through_and_weighs_something(name: str) -> None:
    snapshots = [
        output
        for output in GoldenFold(GBP.under(TAUGHT)).outputs
        if isinstance(output, SnapshotTaken)
    ]
    place = INPUTS.index(name)

    scorer = TAUGHT.model.scorer
    assert scorer.scales[place] * scorer.weights[place] != 0.0
    assert len({snapshot.inputs[place] for snapshot in snapshots}) > 1


def golden_figures() -> list[ChurnFigures]:
    told = GoldenFold(GBP.under(TAUGHT)).outputs
    risks = [o for o in told if isinstance(o, RiskRaised | RiskCleared | RiskStanding)]
    return [risk.figures for risk in risks if isinstance(risk.figures, ChurnFigures)]


def test_every_reason_is_told() -> None:
    told = {reason.group for figures in golden_figures() for reason in figures.reasons}

    assert told == set(ReasonGroup)


def test_a_risk_is_raised_and_cleared_in_every_way() -> None:
    told = GoldenFold(GBP.under(TAUGHT)).outputs
    raised = [output for output in told if isinstance(output, RiskRaised)]
    cleared = [output.because for output in told if isinstance(output, RiskCleared)]

    assert len(raised) == len(cleared) == 3
    assert set(cleared) == set(ClearedBecause)
    assert all(figures.probability is not None for figures in golden_figures())


def test_a_young_model_raises_nothing() -> None:
    told = GoldenFold(GBP.under(YOUNG)).outputs

    assert not [output for output in told if isinstance(output, RiskRaised)]
    assert YOUNG.model.scorer == TAUGHT.model.scorer


def test_an_unsure_model_raises_what_a_taught_one_does_and_says_no_percentages() -> None:
    unsure, taught = [
        [o for o in GoldenFold(GBP.under(model)).outputs if isinstance(o, RiskRaised)]
        for model in (UNSURE, TAUGHT)
    ]

    assert [signal.day for signal in unsure] == [signal.day for signal in taught]
    assert {signal.figures.probability for signal in unsure} == {None}


def test_the_segment_changes_on_the_way() -> None:
    told = GoldenFold(GBP.under(TAUGHT)).outputs
    segments = [output.segment for output in told if isinstance(output, SnapshotTaken)]

    assert len(set(segments)) > 1
    assert None not in segments


def test_the_model_of_the_day_is_not_in_it() -> None:
    assert fingerprint(GBP.under(TAUGHT)) == fingerprint(GBP.under(START))
