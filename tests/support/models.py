"""Literal models, so simple that a score can be worked out by hand."""

import math
from collections.abc import Mapping

from hypothesis import strategies as st

from domain.detection.churn_recipe import INPUTS, RECIPE
from domain.detection.day_model import DayModel, ModelHistory
from events.calendar import date_of
from events.control import ModelDecided
from events.models import ChurnModel, CutPoints, LinearScorer
from tests.support.given import DAY
from tests.support.world import PROJECTION

Named = Mapping[str, float]

NOTHING: Named = {}
CUT_POINTS = CutPoints(stake_middle=1_000.0, stake_high=5_000.0, volume_middle=2.0, volume_high=6.0)


def figures(named: Named = NOTHING, others: float = 0.0) -> tuple[float, ...]:
    """Numbers in the order of the inputs, those that are named and the others."""
    return tuple(named.get(name, others) for name in INPUTS)


def churn_model(
    weights: Named,
    means: Named = NOTHING,
    intercept: float = 0.0,
    snapshots: int = 400,
    labels: int = 500,
    cut_points: CutPoints | None = None,
) -> ChurnModel:
    """A model with these weights and means, all scales 1."""
    return ChurnModel(
        recipe=RECIPE.title,
        scorer=LinearScorer(
            INPUTS, figures(means), figures(others=1.0), figures(weights), intercept, RECIPE.clip
        ),
        snapshots=snapshots,
        labels=labels,
        first_label_day=None,
        last_label_day=None,
        log_loss=None,
        cut_points=cut_points,
    )


def by_recency(
    weight: float = 4.0, usual_days: int = 30, snapshots: int = 400, labels: int = 500
) -> DayModel:
    """A model to which recency is all: log-odds of weight · ln((1 + days) / (1 + usual days)).

    As it stands, with 4 · ln(1 + days) - 4 · ln(31), a risk is raised from 38 days on and cleared
    below 32.
    """
    usual = {"recency": math.log1p(usual_days)}
    return DayModel(churn_model({"recency": weight}, usual, snapshots=snapshots, labels=labels))


BY_RECENCY = by_recency()


def by_everything() -> DayModel:
    """A model to which each input matters, one a little more than the other."""
    weights = {name: (-1.0) ** place * (0.3 + place / 50) for place, name in enumerate(INPUTS)}
    return DayModel(churn_model(weights, dict.fromkeys(INPUTS, 0.5), cut_points=CUT_POINTS))


def scoring(*decided: tuple[int, DayModel]) -> ModelHistory:
    """The models that score from these days on; days count from `DAY`."""
    return ModelHistory(decisions(dict(decided)))


def decisions(decided: Mapping[int, DayModel | None]) -> list[ModelDecided]:
    """What is decided for these days, None for the model that stands; days count from `DAY`."""
    return [
        ModelDecided(PROJECTION, date_of(DAY + day), model and model.model)
        for day, model in decided.items()
    ]


ALWAYS_BY_RECENCY = scoring((0, BY_RECENCY))

NUMBERS = st.floats(-6.0, 12.0)


def models(signed: bool = False) -> st.SearchStrategy[DayModel]:
    """Any model; ``signed`` ones obey the signs of the recipe."""
    signs = RECIPE.signs if signed else (0,) * len(INPUTS)
    weights = [st.floats(0.0 if s > 0 else -5.0, 0.0 if s < 0 else 5.0) for s in signs]
    scorers = st.builds(
        LinearScorer,
        inputs=st.just(INPUTS),
        means=st.tuples(*[NUMBERS] * len(INPUTS)),
        scales=st.tuples(*[st.one_of(st.just(0.0), st.floats(0.01, 50.0))] * len(INPUTS)),
        weights=st.tuples(*weights),
        intercept=st.floats(-3.0, 3.0),
        clip=st.just(RECIPE.clip),
    )
    return scorers.map(_of_scorer)


def _of_scorer(scorer: LinearScorer) -> DayModel:
    return DayModel(ChurnModel(RECIPE.title, scorer, 400, 500, None, None, None, None))
