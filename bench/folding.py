"""Rebuilding all states from the log, and the bytes that they take."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from bench.figures import Baseline, Figure, Section
from bench.made_log import MadeLog, make_log
from bench.rebuild import read_and_decode, rebuild
from bench.sizes import Sizes
from bench.synthetic import Firm
from infra.state.reader import ProjectionReader

GOAL = 40_000.0
BASELINE = "read and decode alone"


def folding(sizes: Sizes) -> Section:
    """Append each made-up firm to a log of its own, then fold that log from zero on one core."""
    figures: list[Figure] = []
    notes: list[str] = []
    for firm in sizes.firms:
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder, one_core():
            made = make_log(Path(folder) / "log.db", firm)
            projection = Path(folder) / "projection.db"
            figures.append(_appending(made, firm))
            figures += _measured(made, projection, sizes.repeats)
            figures += _state_bytes(made, projection)
            notes.append(_about(firm, made))
    return Section(
        "Rebuilding from SQLite on one core, day steps and commits included", figures, notes
    )


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and all its threads on one core meanwhile."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _measured(made: MadeLog, projection: Path, repeats: int) -> list[Figure]:
    bare: list[float] = []
    folded: list[float] = []
    cpu: list[float] = []
    for _ in range(repeats):
        bare.append(made.facts / read_and_decode(made.path))
        rebuilt = rebuild(made.path, projection)
        folded.append(made.facts / rebuilt.seconds)
        cpu.append(rebuilt.cpu_seconds / made.facts * 1e6)
    name = f"rebuild, {made.facts:,} facts"
    return [
        Figure(name, "facts/s", tuple(folded), Baseline(BASELINE, tuple(bare)), GOAL),
        Figure(f"{name}: processor time", "µs a fact", tuple(cpu)),
    ]


def _state_bytes(made: MadeLog, projection: Path) -> list[Figure]:
    sizes = sorted(asyncio.run(_sizes(projection)))
    percentiles = quantiles(sizes, n=100)
    of = f"state of a customer, {made.facts:,} facts"
    return [
        Figure(f"{of}: median", "bytes", (percentiles[49],)),
        Figure(f"{of}: p99", "bytes", (percentiles[98],)),
        Figure(f"{of}: largest", "bytes", (sizes[-1],)),
    ]


async def _sizes(projection: Path) -> list[int]:
    reader = ProjectionReader(projection)
    try:
        return [len(found.row.data) async for found in reader.rows() if found.row is not None]
    finally:
        await reader.close()


def _appending(made: MadeLog, firm: Firm) -> Figure:
    return Figure(f"append, {firm.facts:,} facts", "facts/s", (made.facts / made.append_seconds,))


def _about(firm: Firm, made: MadeLog) -> str:
    size = made.path.stat().st_size / 1e6
    return (
        f"{firm.facts:,} facts of {firm.customers:,} customers over {firm.days} days make a log of"
        f" {size:,.0f} MB; appended once, in batches of 1,000."
    )
