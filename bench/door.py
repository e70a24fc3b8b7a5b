"""The door with profiles running: durable single POSTs and batches, beside doing nothing."""

import asyncio
import datetime
import tempfile
from pathlib import Path

from bench.disk import commits_alone
from bench.figures import Baseline, Figure, Section
from bench.load import Answered, Load, run_load
from bench.requests import FACTS_A_BATCH, batch_posts, facts_for, single_posts
from bench.servers import holdfast_serve, no_op_serve
from bench.sizes import Sizes
from infra.archive.sqlite import SqliteArchive
from infra.folder import DataFolder

SINGLE_GOAL = 3_000.0
BATCH_GOAL = 20_000.0
BASELINE = "FastAPI no-op"


def door(sizes: Sizes) -> Section:
    """Send each repeat first to the no-op and then to ``holdfast serve``, with fresh facts."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        data = Path(folder) / "data"
        with holdfast_serve(data) as port:
            figures = door_figures(port, sizes, SINGLE_GOAL, BATCH_GOAL)
        check_all_stand(asyncio.run(_facts_in(data)), sizes)
        alone = commits_alone(Path(folder) / "alone.db", sizes.repeats)
    return Section(
        f"The door over HTTP, profiles running, {sizes.connections} connections",
        (*figures, alone),
        ("Every answer is a 202 after an fsync; every fact acknowledged was found in the log.",),
    )


def door_figures(
    port: int, sizes: Sizes, single_goal: float | None = None, batch_goal: float | None = None
) -> tuple[Figure, ...]:
    """Measure the door on a port; each repeat goes to an endpoint that does nothing first."""
    repeats = range(sizes.repeats)
    with no_op_serve() as no_op_port:
        singles = [_singles(port, no_op_port, sizes, seed) for seed in repeats]
        batches = [_batches(port, no_op_port, sizes, 1_000 + seed) for seed in repeats]
    return (
        *_figures(singles, sizes.single_posts, "single POST", single_goal),
        *_figures(batches, sizes.batches * FACTS_A_BATCH, "batches of 1,000", batch_goal),
    )


def check_all_stand(found: int, sizes: Sizes) -> None:
    """Raise ``ValueError`` where not just the facts that were acknowledged stand."""
    sent = sizes.repeats * (sizes.single_posts + sizes.batches * FACTS_A_BATCH)
    if found != sent:
        raise ValueError(f"{sent} facts were acknowledged, {found} stand in the log")


Pair = tuple[Answered, Answered]


def _singles(port: int, no_op_port: int, sizes: Sizes, seed: int) -> Pair:
    facts = facts_for(sizes.single_posts, seed)
    requests = tuple(single_posts(facts, _now()))
    return _pair(port, no_op_port, requests, sizes.connections)


def _batches(port: int, no_op_port: int, sizes: Sizes, seed: int) -> Pair:
    facts = facts_for(sizes.batches * FACTS_A_BATCH, seed)
    requests = tuple(batch_posts(facts, _now()))
    return _pair(port, no_op_port, requests, min(4, sizes.connections))


def _pair(port: int, no_op_port: int, requests: tuple[bytes, ...], connections: int) -> Pair:
    beside = run_load(Load(no_op_port, requests, connections))
    return run_load(Load(port, requests, connections)), beside


def _figures(pairs: list[Pair], facts: int, name: str, goal: float | None) -> tuple[Figure, ...]:
    rates = tuple(facts / own.seconds for own, _ in pairs)
    beside = Baseline(BASELINE, tuple(facts / other.seconds for _, other in pairs))
    return (
        Figure(f"{name}: rate", "facts/s", rates, beside, goal),
        Figure(f"{name}: answer, median", "ms", tuple(own.median_ms for own, _ in pairs)),
        Figure(f"{name}: answer, p99", "ms", tuple(own.p99_ms for own, _ in pairs)),
    )


async def _facts_in(data: Path) -> int:
    archive = SqliteArchive(DataFolder(data).log)
    try:
        return await archive.claim_count()
    finally:
        await archive.close()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
