"""A churn score taken apart: what each group of inputs adds, and what changed since the last look.

A linear model's log-odds are its intercept plus one contribution an input, so that nothing has to be
estimated: base plus shares is the score, before plus parts plus the model's own is the score too.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from domain.detection.churn import RAISE_AT, LastLook
from domain.detection.churn_recipe import GROUPS, INPUTS, Inputs
from domain.detection.day_model import DayModel
from events.calendar import date_of
from events.figures import Band, GroupShare, ReasonGroup, ScoreChange

_PLACES = {group: tuple(INPUTS.index(name) for name in names) for group, names in GROUPS.items()}
LOW_BELOW = -RAISE_AT
"""Log-odds, a probability of 30 %."""


class Score(msgspec.Struct, frozen=True):
    """Log-odds of not buying within the horizon, with the model and the inputs behind them."""

    model: DayModel
    inputs: Inputs
    log_odds: float


def score(model: DayModel, inputs: Inputs) -> Score:
    """Return what a model says of these inputs."""
    return Score(model, inputs, model.scorer.log_odds(inputs))


def scores(model: DayModel, rows: Sequence[Inputs]) -> list[Score]:
    """Return what a model says of many inputs at once: bit by bit what it says of each."""
    if not rows:
        return []
    log_odds = model.scorer.log_odds_of_rows(np.array(rows, dtype=np.float64)).tolist()
    return [Score(model, inputs, said) for inputs, said in zip(rows, log_odds, strict=True)]


def shares(scored: Score) -> tuple[GroupShare, ...]:
    """Return what each group adds to the log-odds, in the order of `ReasonGroup`."""
    return _grouped(scored.model.scorer.contributions(scored.inputs))


def change(scored: Score, last_look: LastLook | None, today: int) -> ScoreChange | None:
    """Return how the score came from that of the last weekly turn; None before the first one.

    None as well once today's turn was taken: it is what the next days are compared with.

    The parts are what the same model, today's, says of the inputs of now and of then; the rest is
    what another model says of those of then.
    """
    if last_look is None or last_look.day == today:
        return None
    scorer, then = scored.model.scorer, last_look.inputs()
    now_parts, then_parts = scorer.contributions(scored.inputs), scorer.contributions(then)
    differences = [now - before for now, before in zip(now_parts, then_parts, strict=True)]
    return ScoreChange(
        since=date_of(last_look.day),
        before=last_look.log_odds,
        parts=_grouped(differences),
        model=scorer.log_odds(then) - last_look.log_odds,
    )


def band(log_odds: float) -> Band:
    """Return the band of a score: high from the upper threshold on, low below its mirror image."""
    if log_odds >= RAISE_AT:
        return Band.HIGH
    return Band.LOW if log_odds < LOW_BELOW else Band.ELEVATED


def _grouped(parts: Sequence[float]) -> tuple[GroupShare, ...]:
    return tuple(
        GroupShare(group, math.fsum(parts[place] for place in _PLACES[group]))
        for group in ReasonGroup
    )
