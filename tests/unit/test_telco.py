"""The learner on a public churn file, through configuration alone: how good it is, and the figures."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.telco_prequential import (
    EDGES,
    VALUES,
    auc,
    prequential,
    quality,
    read,
    recipe,
    row_of,
)

CELLS = {column: choices[0] for column, choices in VALUES.items()} | {
    "tenure": "1",
    "MonthlyCharges": "29.85",
    "TotalCharges": "29.85",
}
PLACES = {name: place for place, name in enumerate(recipe().inputs)}
VERDICTS = st.lists(st.tuples(st.integers(-5, 5).map(float), st.booleans()), min_size=2)


def said(cells: dict[str, str]) -> set[str]:
    """The inputs that cells switch on."""
    row = row_of(cells, PLACES)
    return {name for name, place in PLACES.items() if row[place] == 1.0}


def test_the_whole_file_is_ranked_at_least_as_well_as_asked(datasets: Path) -> None:
    customers = read(datasets / "telco_churn.csv")

    figures = quality(prequential(customers), [customer.churned for customer in customers])

    assert figures.rows == 7_043
    assert figures.auc >= 0.835
    assert figures.log_loss <= 0.43


def test_the_same_file_gives_the_same_scores(datasets: Path) -> None:
    customers = read(datasets / "telco_churn.csv")[:300]

    assert prequential(customers) == prequential(customers)


def test_a_customer_is_scored_before_its_label_is_known(datasets: Path) -> None:
    customers = read(datasets / "telco_churn.csv")[:100]
    without_the_last = prequential(customers[:-1])

    scores = prequential(customers)

    assert scores[0] == 0.0
    assert scores[:-1] == without_the_last


def test_a_customer_has_one_value_of_each_column() -> None:
    row = row_of(CELLS, PLACES)

    assert sum(row) == len(VALUES) + len(EDGES)
    assert {"gender=Female", "Contract=Month-to-month", "tenure=1"} <= said(CELLS)


@pytest.mark.parametrize("cell", ["", " ", "  "])
def test_a_blank_is_a_value_of_its_own(cell: str) -> None:
    blank = said(CELLS | {"TotalCharges": cell})

    assert "TotalCharges=blank" in blank
    assert {name for name in blank if name.startswith("TotalCharges")} == {"TotalCharges=blank"}


@pytest.mark.parametrize(
    ("tenure", "bin_"), [("0", 0), ("1", 1), ("2", 2), ("71", 11), ("72", 12), ("900", 12)]
)
def test_a_bin_is_from_an_edge_to_below_the_next(tenure: str, bin_: int) -> None:
    assert f"tenure={bin_}" in said(CELLS | {"tenure": tenure})


def test_a_value_that_the_configuration_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError, match="Contract=For ever"):
        row_of(CELLS | {"Contract": "For ever"}, PLACES)


@given(VERDICTS.filter(lambda verdicts: len({gone for _, gone in verdicts}) == 2))
def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order(
    verdicts: list[tuple[float, bool]],
) -> None:
    gone = [score for score, churned in verdicts if churned]
    stayed = [score for score, churned in verdicts if not churned]
    right = [(high > low) + (high == low) / 2 for high, low in product(gone, stayed)]

    area = auc([score for score, _ in verdicts], [churned for _, churned in verdicts])

    assert area == pytest.approx(sum(right) / len(right))


@pytest.mark.parametrize("churned", [True, False])
def test_without_both_kinds_there_is_no_area_under_the_curve(churned: bool) -> None:
    with pytest.raises(ValueError, match="wants both"):
        auc([1.0, 2.0], [churned, churned])
