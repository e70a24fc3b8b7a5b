"""A real sales history, learned from: how good the scores were, and how long that took.

Then once more with other customers' names and every minute's lines shuffled: nothing may change but
the weekdays of snapshots.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.figures import Baseline, Figure, Section
from bench.renamed import write_renamed
from bench.retail import SAMPLES, peak_megabytes, run_holdfast, sales_file
from bench.sizes import Sizes

LONGEST_SECONDS = 180.0
GOALS = {
    "second_half.active.auc": 0.764,
    "second_half.all.auc": 0.759,
    "days_28_126.active.auc": 0.71,
    "second_half.active.precision_top_tenth": 0.68,
    "second_half.active.lost_spend_top_tenth": 0.30,
}
BESIDE = ("recency_over_gap", "decayed_purchase_days")
OTHERS = ("second_half.active.ece", "second_half.active.log_loss", "second_half.active.brier")

Report = Mapping[str, object]


def quality(sizes: Sizes) -> Section:
    """Import, evaluate; import the renamed file, evaluate, and say how far the figures lie apart."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        file = sales_file(sizes, Path(folder))
        seconds, report = _learned(file, Path(folder) / "data")
        peak = peak_megabytes()
        renamed = Path(folder) / "renamed.csv"
        write_renamed(file, renamed)
        _, again = _learned(renamed, Path(folder) / "renamed")
    return Section(
        f"Scores learned from {file.name}, each label against the score given at the time",
        (
            *_figures(report),
            *_apart(report, again),
            Figure("import with learning", "s", (seconds,)),
            Figure("import with learning: memory at its peak", "MB", (peak,)),
        ),
        (
            f"The import has to take less than {LONGEST_SECONDS:.0f} s and 700 MB; ECE at most .055.",
            "`bench/offline_twin.py` computes the same figures by code of its own.",
        ),
    )


def _learned(file: Path, data: Path) -> tuple[float, Report]:
    mapping = ["--map", str(SAMPLES / "online-retail.map.yaml")]
    seconds, _ = run_holdfast("import", str(file), *mapping, "--data", str(data), "--json")
    _, report = run_holdfast("evaluate", "--data", str(data), "--json")
    return seconds, json.loads(report)


def _figures(report: Report) -> Iterator[Figure]:
    for path, goal in GOALS.items():
        value = _look_up(report, path)
        if value is not None:
            yield Figure(path, "", (value,), _beside(report, path), goal)
    for path in OTHERS:
        value = _look_up(report, path)
        if value is not None:
            yield Figure(path, "", (value,))


def _apart(report: Report, again: Report) -> Iterator[Figure]:
    for path in (*GOALS, *OTHERS):
        value, other = _look_up(report, path), _look_up(again, path)
        if value is not None and other is not None:
            yield Figure(
                f"renamed and shuffled: {path}", "", (other,), Baseline("as it is", (value,))
            )


def _beside(report: Report, path: str) -> Baseline | None:
    """Return the better of the two baselines."""
    section, _, name = path.rpartition(".")
    found = [(_look_up(report, f"{section}.baselines.{one}.{name}"), one) for one in BESIDE]
    known = [(value, one) for value, one in found if value is not None]
    if not known:
        return None
    value, one = max(known)
    return Baseline(one.replace("_", " "), (value,))


def _look_up(report: Report, path: str) -> float | None:
    value: object = report
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None
