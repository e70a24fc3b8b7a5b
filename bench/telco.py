# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["lightgbm==4.6.0", "msgspec==0.22.0", "numpy==2.4.6", "river==0.26.1"]
# ///
"""Telco churn, prequential: the learner beside LightGBM refitted every 500 rows.

    uv run --script bench/telco.py telco_churn.csv [--json] [--check]

Both see the rows in the order of the file and score each before they know its label. LightGBM gets
the columns as they are, categories as such and blanks as missing, and the best of five settings that
were tried on this file (small trees, slow rate; its defaults come out .02 lower), fitted on all rows
so far. It says nothing of the first 500, so the two stand side by side on the rows after them, and
the learner once more on all. The base rate is the share of churned so far, for the log loss.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import lightgbm
import msgspec
import numpy as np

sys.path.pop(0)  # bench/ itself, whose names hide packages
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.telco_prequential import (
    EDGES,
    VALUES,
    Customer,
    Quality,
    prequential,
    quality,
    read,
)

REFIT_EVERY = 500
ROUNDS = 120
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "deterministic": True,
    "num_threads": 1,
    "seed": 1,
    "verbosity": -1,
}
GOAL = 0.835


def refitted(customers: Sequence[Customer]) -> list[float]:
    """Return LightGBM's log-odds for each customer, 0 before the first fit."""
    table = np.array([numbers(customer.cells) for customer in customers])
    churned = np.array([customer.churned for customer in customers], dtype=float)
    scores = np.zeros(len(customers))
    for fitted in range(REFIT_EVERY, len(customers), REFIT_EVERY):
        known = lightgbm.Dataset(
            table[:fitted], churned[:fitted], categorical_feature=list(range(len(VALUES)))
        )
        trees = lightgbm.train(SETTINGS, known, ROUNDS)
        unseen = slice(fitted, fitted + REFIT_EVERY)
        scores[unseen] = trees.predict(table[unseen], raw_score=True)
    return scores.tolist()


def numbers(cells: dict[str, str]) -> list[float]:
    """Return categories as their places in the table, then the numbers, NaN for a blank."""
    categories = [choices.index(cells[column]) for column, choices in VALUES.items()]
    amounts = [cells[column].strip() for column in EDGES]
    return [*categories, *(float(amount) if amount else math.nan for amount in amounts)]


def base_rates(churned: Sequence[bool]) -> list[float]:
    """Return the log-odds of the share so far, as if one had churned and one stayed before."""
    scores, gone = [], 1
    for seen, happened in enumerate(churned):
        scores.append(math.log(gone / (seen + 2 - gone)))
        gone += happened
    return scores


def measured(customers: Sequence[Customer]) -> dict[str, Quality]:
    churned = [customer.churned for customer in customers]
    begun = time.perf_counter()
    learner = prequential(customers)
    learned = time.perf_counter()
    trees = refitted(customers)
    done = time.perf_counter()
    print(f"learner {learned - begun:.1f} s, LightGBM {done - learned:.1f} s", file=sys.stderr)
    after = slice(REFIT_EVERY, None)
    return {
        "learner, all rows": quality(learner, churned),
        "learner, after the first fit": quality(learner[after], churned[after]),
        "LightGBM, after the first fit": quality(trees[after], churned[after]),
        "base rate so far, all rows": quality(base_rates(churned), churned),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("csv", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--check", action="store_true", help="fail where the goal is missed")
    arguments = parser.parse_args()
    customers = read(arguments.csv)
    report = measured(customers)
    share = sum(customer.churned for customer in customers) / len(customers)
    if arguments.json:
        print(json.dumps({"base_rate": share, **msgspec.to_builtins(report)}, indent=1))
    else:
        print(f"{len(customers):,} customers, {share:.3f} churned")
        for name, figures in report.items():
            print(f"{name:32} AUC {figures.auc:.4f}  log loss {figures.log_loss:.4f}")
    auc = report["learner, all rows"].auc
    if arguments.check and auc < GOAL:
        raise SystemExit(f"AUC of the learner is {auc:.4f}, goal {GOAL}")


if __name__ == "__main__":
    main()
