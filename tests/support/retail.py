"""Online Retail for tests of all of Holdfast: the sample that is shipped, its beginning, its map."""

import gzip
from itertools import islice
from pathlib import Path

_SAMPLES = Path(__file__).parents[2] / "samples"
SAMPLE, MAP = _SAMPLES / "online-retail-sample.csv.gz", _SAMPLES / "online-retail.map.yaml"
TEAM = {
    "HOLDFAST_MANAGERS": str(_SAMPLES / "managers.yaml"),
    "HOLDFAST_TASK_POLICY": str(_SAMPLES / "task-policy.yaml"),
}
"""The settings that name the managers and the policy that are shipped."""

_LINES = 24_000


def first_months_in(folder: Path) -> Path:
    """The beginning of the sample: sixteen weeks, enough for models to be learned."""
    path = folder / "first-months.csv"
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as sample:
        path.write_text("".join(islice(sample, _LINES)), "utf-8")
    return path
