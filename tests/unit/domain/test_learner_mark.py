"""The mark of the learner notices every other rule and number of learning, and nothing else."""

from collections.abc import Sequence
from types import ModuleType

import msgspec
import pytest

from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from domain.customer.learner_mark import golden_decisions, learner_mark
from domain.detection import churn, churn_syllabus
from domain.detection.churn_recipe import RECIPE
from domain.learning import admission, cut_points, learner, live_loss
from domain.learning.course import Course
from domain.learning.learner import Learner
from domain.learning.live_loss import LiveLoss

GBP = CustomerFold("GBP")
OURS = learner_mark(GBP)
STANDARDISATION = learner.Standardisation
CHURN = churn_syllabus.CHURN


def other(**changes: object) -> object:
    return msgspec.structs.replace(CHURN, recipe=msgspec.structs.replace(RECIPE, **changes))


SETTINGS: list[tuple[ModuleType, str, object]] = [
    (churn_syllabus, "CHURN", msgspec.structs.replace(CHURN, first_days_ignored=41)),
    (churn_syllabus, "CHURN", msgspec.structs.replace(CHURN, horizon_days=84)),
    (churn_syllabus, "CHURN", other(rate=0.06)),
    (churn_syllabus, "CHURN", other(initial_accumulator=1.5)),
    (churn_syllabus, "CHURN", other(signs=(0,) * 17)),
    (admission, "MARGIN", 0.06),
    (admission, "LEAST_LABELS", 49),
    (cut_points, "BIN_RATIO", 1.06),
    (cut_points, "LEFT_AFTER_A_DAY", 0.97),
    (cut_points, "LEAST_COUNT", 1e-7),
    (cut_points, "MIDDLE", 0.6),
    (cut_points, "HIGH", 0.9),
    (live_loss, "LEFT_AFTER_A_DAY", 0.97),
]


@pytest.mark.parametrize(
    ("module", "name", "value"),
    SETTINGS,
    ids=[f"{number} {m.__name__}.{n}" for number, (m, n, _) in enumerate(SETTINGS)],
)
def test_another_setting_is_another_mark(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, value: object
) -> None:
    monkeypatch.setattr(module, name, value)

    assert learner_mark(GBP) != OURS


def nothing_is_learned(_learner: Learner, _row: Sequence[float], *, churned: bool) -> None:
    return None


def what_is_usual_is_not_learned(_learner: Learner, _row: Sequence[float]) -> None:
    return None


def a_loss_that_never_fades(loss: LiveLoss, losses: Sequence[float]) -> LiveLoss:
    return LiveLoss(loss.total + sum(losses), loss.labels + len(losses))


RULES = [
    (Learner, "learn", nothing_is_learned),
    (Learner, "feed", what_is_usual_is_not_learned),
    (
        learner,
        "Standardisation",
        lambda _means, _scales, clip: STANDARDISATION((0.0,) * 17, (1.0,) * 17, clip),
    ),
    (LiveLoss, "after_day", a_loss_that_never_fades),
    (Course, "_teaches", lambda _course, _snapshot: True),
]


@pytest.mark.parametrize(
    ("owner", "name", "rule"),
    RULES,
    ids=[f"{name} {getattr(rule, '__name__', 'other')}" for _, name, rule in RULES],
)
def test_another_rule_is_another_mark(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, rule: object
) -> None:
    made_by = fingerprint(GBP)
    monkeypatch.setattr(owner, name, rule)

    assert learner_mark(GBP) != OURS
    assert fingerprint(GBP) == made_by, "what was folded stays what it is, whoever learns"


def test_the_mark_begins_with_the_title_of_the_recipe() -> None:
    title, _, digest = OURS.partition(":")

    assert title == RECIPE.title
    assert len(digest) == 12


def test_the_mark_is_the_same_whichever_model_scores_at_the_moment() -> None:
    assert learner_mark(GBP) == learner_mark(CustomerFold("GBP")) == OURS


def test_when_a_risk_is_raised_is_no_matter_of_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn, "RAISE_AT", 0.86)

    assert learner_mark(GBP) == OURS


def test_the_learner_learns_of_it() -> None:
    *_, last = [decision.model for decision in golden_decisions(GBP) if decision.model is not None]

    assert last.labels > 0
    assert last.log_loss is not None
    assert last.scorer.weights != RECIPE.start_weights
