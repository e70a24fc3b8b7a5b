"""How well dense metering finds what is done to customers, how often it errs, and what a day costs."""

import time

import numpy as np

from bench.figures import Figure, Section
from bench.made_metering import Anomaly, Made, ordinary, with_anomalies
from bench.metered_life import a_customer_year, all_lived, before_anomaly, found
from bench.sizes import Sizes

DAYS = 400
SEED = 20_111_209
LATE_DAYS = 20
MOST_A_YEAR = "goal: 1 at most"
LEAST_RECALL = 0.95


def metering(sizes: Sizes) -> Section:
    """Measure on plain and on hard noise."""
    figures: list[Figure] = []
    for hard in (False, True):
        made = ordinary(sizes.metered_customers, DAYS, SEED, hard=hard)
        name = "hard noise" if hard else "plain noise"
        figures += [*_quality(name, made), *_late(name, made)]
    return Section(
        f"Dense metering: {sizes.metered_customers:,} customers, {DAYS} days, log noise 0.25",
        figures,
        (
            "A false alarm is any signal of a customer to whom nothing was done (yet).",
            "Recall is within 21 days; its goal is that of a lasting -50 % on plain noise.",
            f"A late feed comes one day after closing, for {LATE_DAYS} days of every customer.",
        ),
    )


def _quality(name: str, made: Made) -> list[Figure]:
    began = time.perf_counter()
    alarms = a_customer_year(all_lived(made.totals), DAYS)
    cost = (time.perf_counter() - began) / made.totals.size * 1e6
    harmed = with_anomalies(made, SEED + 1)
    raised = all_lived(harmed.totals)
    figures = [
        Figure(f"{name}: false alarms ({MOST_A_YEAR})", "a customer-year", (alarms,)),
        Figure(
            f"{name}: the same before an anomaly",
            "a customer-year",
            (before_anomaly(harmed, raised),),
        ),
    ]
    for kind in Anomaly:
        recall, days = found(harmed, raised, kind)
        least = LEAST_RECALL if kind is Anomaly.HALVED and name == "plain noise" else None
        figures.append(Figure(f"{name}: {kind}, recall", "of 1", (recall,), least=least))
        if days is not None:
            figures.append(Figure(f"{name}: {kind}, median", "days", (days,)))
    figures.append(Figure(f"{name}: a day used and closed", "µs", (cost,)))
    return figures


def _late(name: str, made: Made) -> list[Figure]:
    """Count all signals where some days' feeds come late, and where those days count as zeros."""
    random = np.random.default_rng(SEED + 2)
    chosen = random.choice(np.arange(100, DAYS - 2), LATE_DAYS, replace=False)
    late = frozenset(int(day) for day in chosen)
    zeros = made.totals.copy()
    zeros[:, sorted(late)] = 0.0
    counted = {
        "feed on time": all_lived(made.totals),
        "feed late": all_lived(made.totals, late),
        "late days as zeros": all_lived(zeros),
    }
    return [
        Figure(f"{name}: all signals, {title}", "signals", (float(sum(map(len, raised))),))
        for title, raised in counted.items()
    ]
