"""The page of a card: one slice of the log is folded at each look, and everything is drawn from it.

Processor time of the process, all its threads together: what one look costs, whoever else computes.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import httpx

from bench.figures import Figure, Section
from bench.retail import SAMPLES, run_holdfast, sales_file
from bench.sizes import Sizes
from events.values import CustomerId
from infra.archive.sqlite import SqliteArchive
from infra.clock import SystemClock
from infra.folder import DataFolder
from services.console.app import console_app
from services.console.looking import Looking
from services.ops.cards import card_now
from services.ops.customer_past import past_of
from services.ops.reading import open_reading

CUSTOMERS, LOOKS = 100, 10


def cards(sizes: Sizes) -> Section:
    """Import a sales history, then ask for cards, one after the other."""
    with tempfile.TemporaryDirectory(prefix="holdfast-cards-") as name:
        file, folder = sales_file(sizes, Path(name)), DataFolder(Path(name) / "data")
        mapping = ["--map", str(SAMPLES / "online-retail.map.yaml")]
        run_holdfast("import", str(file), *mapping, "--data", str(folder.path))
        return asyncio.run(_measured(folder, file.name))


async def _measured(folder: DataFolder, file: str) -> Section:
    """Measure the cards of many customers, and of the one with most facts again and again."""
    counts = await _facts(folder)
    app = console_app(Looking(folder, SystemClock()), closing=lambda: False)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        await _seconds(client, ["/missing"] * 2)
        plain = await _seconds(client, ["/missing"] * LOOKS)
        every = [f"/customers/{customer_id}" for customer_id, _ in counts[:: _step(counts)]]
        busiest, facts = counts[0]
        most = await _seconds(client, [f"/customers/{busiest}"] * LOOKS)
        opening, folding = await _parts(folder, busiest)
        spread = sorted(await _seconds(client, every))
    return Section(
        f"Pages of cards, {file}",
        (
            Figure(f"pages of {len(every)} customers", "ms CPU", (median(spread) * 1000,)),
            Figure("19 of 20 cost less", "ms CPU", (spread[int(len(spread) * 0.95)] * 1000,)),
            Figure(f"the card with most facts, {facts:,}", "ms CPU", (median(most) * 1000,)),
            Figure("of it: a snapshot of the log", "ms CPU", (opening * 1000,)),
            Figure("of it: the card and its past, folded", "ms CPU", (folding * 1000,)),
            Figure("a page that folds nothing", "ms CPU", (median(plain) * 1000,)),
        ),
        ("In one process, without a network: from the request to the whole page.",),
    )


async def _parts(folder: DataFolder, customer_id: CustomerId) -> tuple[float, float]:
    """Return what opening a snapshot costs, and the folds of a card and its past."""
    opened, folded = [], []
    for _ in range(LOOKS):
        begun = time.process_time()
        async with open_reading(folder) as reading:
            opened.append(time.process_time() - begun)
            begun = time.process_time()
            await card_now(reading, customer_id)
            await past_of(reading, customer_id, None)
            folded.append(time.process_time() - begun)
    return median(opened), median(folded)


async def _facts(folder: DataFolder) -> list[tuple[CustomerId, int]]:
    """Return how many facts each customer has, those with most first."""
    archive = SqliteArchive(folder.log)
    try:
        end = await archive.end_offset(0)
        known = await archive.customers()
        counts = [(each, len(await archive.slice(each, end))) for each in known]
    finally:
        await archive.close()
    return sorted(counts, key=lambda count: (-count[1], count[0]))


def _step(counts: Sequence[object]) -> int:
    return max(1, len(counts) // CUSTOMERS)


async def _seconds(client: httpx.AsyncClient, paths: Sequence[str]) -> list[float]:
    seconds = []
    for path in paths:
        begun = time.process_time()
        await client.get(path)
        seconds.append(time.process_time() - begun)
    return seconds
