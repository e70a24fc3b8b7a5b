"""What learning and scoring cost, a customer: each beside the same work done by the library alone."""

import random

import numpy as np
from river.linear_model import LogisticRegression
from river.optim import AdaGrad
from river.preprocessing import StandardScaler

from bench.figures import Baseline, Figure, Section
from bench.sizes import Sizes
from bench.timing import Work, in_turn
from domain.learning.learner import Learner
from domain.learning.recipe import Recipe
from domain.learning.scoring import Scorer

INPUTS = 17
RECIPE = Recipe(
    title="bench",
    inputs=tuple(f"input_{number}" for number in range(INPUTS)),
    start_weights=(0.0,) * INPUTS,
    signs=(1, -1, 0, 0) * 4 + (0,),
)
SEED = 1


def learning(sizes: Sizes) -> Section:
    """Measure a label, a snapshot, and a score, alone and in a batch."""
    made = random.Random(SEED)
    rows = [[made.gauss(place, 1.0) for place in range(INPUTS)] for _ in range(sizes.calls)]
    learner = Learner(RECIPE)
    for row in rows:
        learner.feed(row)
    return Section(
        f"Learning and scoring, {INPUTS} inputs, pure core",
        (
            _figure("feed a snapshot", (_feed(rows), _feed_river(rows)), "river alone", sizes),
            _figure(
                "learn a label", (_learn(learner, rows), _learn_river(rows)), "river alone", sizes
            ),
            *_scores(learner, rows, sizes),
        ),
        ("Labels of a day are learned after its snapshots, so that scales are taken once a day.",),
    )


def _figure(name: str, works: tuple[Work, Work], beside: str, sizes: Sizes) -> Figure:
    timed = in_turn(*works, sizes.calls, sizes.repeats)
    return Figure(name, "µs a customer", timed.work, Baseline(beside, timed.baseline))


def _feed(rows: list[list[float]]) -> Work:
    learner = Learner(RECIPE)

    def feed() -> None:
        for row in rows:
            learner.feed(row)

    return feed


def _feed_river(rows: list[list[float]]) -> Work:
    scaler, named = StandardScaler(), [dict(zip(RECIPE.inputs, row, strict=True)) for row in rows]

    def feed() -> None:
        for row in named:
            scaler.learn_one(row)

    return feed


def _learn(learner: Learner, rows: list[list[float]]) -> Work:
    def learn() -> None:
        for row in rows:
            learner.learn(row, churned=row[0] < 0.0)

    return learn


def _learn_river(rows: list[list[float]]) -> Work:
    regression = LogisticRegression(AdaGrad(RECIPE.rate))
    named = [dict(zip(RECIPE.inputs, row, strict=True)) for row in rows]

    def learn() -> None:
        for row in named:
            regression.learn_one(row, row["input_0"] < 0.0)

    return learn


def _scores(learner: Learner, rows: list[list[float]], sizes: Sizes) -> tuple[Figure, ...]:
    scorer, batch = Scorer(learner.scorer()), np.array(rows)
    linear = scorer.linear
    means, scales, weights = map(np.array, (linear.means, linear.scales, linear.weights))

    def alone() -> None:
        for row in rows:
            scorer.log_odds(row)

    def reasons() -> None:
        for row in rows:
            scorer.contributions(row)

    def multiply_alone() -> None:
        for row in rows:
            sum(map(float.__mul__, row, linear.weights))

    def sums_left_to_numpy() -> None:
        np.clip((batch - means) * scales, -linear.clip, linear.clip) @ weights

    products = "a sum of products"
    return (
        _figure("score alone", (alone, multiply_alone), products, sizes),
        _figure("contributions alone", (reasons, multiply_alone), products, sizes),
        _figure(
            "score in a batch",
            (lambda: scorer.log_odds_of_rows(batch), sums_left_to_numpy),
            "sums left to numpy",
            sizes,
        ),
    )
