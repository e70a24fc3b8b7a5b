"""What the tests of learning start from: a recipe, rows for it, and numbers compared bit by bit."""

import random
from collections.abc import Iterable

from hypothesis import strategies as st

from domain.learning.recipe import Recipe
from events.models import LinearScorer

RECIPE = Recipe(
    title="given",
    inputs=("recency", "purchases", "spend"),
    start_weights=(0.4, -0.3, 0.0),
    signs=(1, -1, 0),
)
STOCK = Recipe(
    title="as stock river can be told",
    inputs=("recency", "purchases", "spend"),
    start_weights=(0.0, 0.0, 0.0),
    signs=(0, 0, 0),
    initial_accumulator=0.0,
)
SEVENTEEN = Recipe(
    title="seventeen",
    inputs=tuple(f"input_number_{number}" for number in range(17)),
    start_weights=(0.25, -0.5, 0.0, 0.125) * 4 + (0.0,),
    signs=(1, -1, 0, 0) * 4 + (0,),
)

VALUES = st.floats(-1e9, 1e9, allow_nan=False).map(
    lambda value: value if abs(value) > 1e-9 else 0.0
)
"""Values as inputs have them: of any sign and size, but none that vanishes when it is squared."""

Row = tuple[float, ...]


def rows_of(width: int, least: int = 0, most: int = 30) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.tuples(*[VALUES] * width), min_size=least, max_size=most)


def labelled(width: int, most: int = 30) -> st.SearchStrategy[list[tuple[Row, bool]]]:
    return st.lists(st.tuples(st.tuples(*[VALUES] * width), st.booleans()), max_size=most)


def scorers(width: int) -> st.SearchStrategy[LinearScorer]:
    numbers = st.tuples(*[VALUES] * width)
    scales = st.tuples(*[st.floats(0.0, 1e6)] * width)
    return st.builds(
        LinearScorer,
        inputs=st.just(tuple(f"input_{number}" for number in range(width))),
        means=numbers,
        scales=scales,
        weights=numbers,
        intercept=VALUES,
        clip=st.floats(0.5, 8.0),
    )


def bits(numbers: Iterable[float]) -> list[str]:
    """Numbers so written that equal texts are equal bits, the sign of zero included."""
    return [float(number).hex() for number in numbers]


def made_up_labels(number: int, width: int, seed: int = 1) -> list[tuple[Row, bool]]:
    """Rows of noise around different means; who is low in the first value tends to churn."""
    made = random.Random(seed)
    rows = [
        tuple(made.gauss(10.0 * place, 1.0 + place) for place in range(width))
        for _ in range(number)
    ]
    return [(row, row[0] + made.gauss(0.0, 0.5) < 0.0) for row in rows]
