"""A real sales history: how fast its files are imported, and how fast the result is verified."""

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from bench.figures import Figure, Section
from bench.sizes import Sizes

SAMPLES = Path(__file__).parents[1] / "samples"
GOAL_LINES = 541_909 / 90
ENTRY = "from services.cli import main; main()"


def retail(sizes: Sizes) -> Section:
    """Import the full file where the data sets are at hand, else the sample; then verify."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        file = sales_file(sizes, Path(folder))
        data = ["--data", str(Path(folder) / "data")]
        mapping = ["--map", str(SAMPLES / "online-retail.map.yaml")]
        import_seconds, imported = run_holdfast("import", str(file), *mapping, *data, "--json")
        peak = peak_megabytes()
        verify_seconds, verified = run_holdfast("verify", *data, "--json")
    lines = json.loads(imported.splitlines()[-1])["accounting"]["lines"]
    customers = json.loads(verified.splitlines()[0])["counts"]["customers"]
    return Section(
        f"Import and verification of {file.name}: {lines:,} lines, {customers:,} customers",
        (
            Figure(
                "import, folded to the end", "lines/s", (lines / import_seconds,), least=GOAL_LINES
            ),
            Figure("import: memory at its peak", "MB", (peak,)),
            Figure("verify", "customers/s", (customers / verify_seconds,)),
        ),
        ("One run each, from the start of the process to its end.",),
    )


def sales_file(sizes: Sizes, folder: Path) -> Path:
    """Return the full file where the data sets are at hand, else the sample, or its beginning."""
    sample, datasets = SAMPLES / "online-retail-sample.csv.gz", os.environ.get("HOLDFAST_DATASETS")
    if sizes.retail_lines is not None:
        return _first_lines(sample, sizes.retail_lines, folder / "beginning-of-sample.csv")
    return sample if datasets is None else Path(datasets) / "online_retail.csv.gz"


def _first_lines(file: Path, lines: int, into: Path) -> Path:
    with gzip.open(file, "rb") as whole:
        into.write_bytes(b"".join(islice(whole, lines + 1)))  # the first one names the columns
    return into


def peak_megabytes() -> float:
    """Return the memory that the largest child of this process had at its peak."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def run_holdfast(*arguments: str) -> tuple[float, str]:
    """Run the command in a process of its own; return the seconds it took and what it said."""
    begun = time.perf_counter()
    command = [sys.executable, "-c", ENTRY, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, done.stdout
