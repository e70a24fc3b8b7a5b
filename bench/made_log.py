"""Logs filled with a made-up firm, as an import fills them, made once a run."""

import asyncio
import time
from itertools import islice
from pathlib import Path

import msgspec

from bench.synthetic import IDENTITY, Firm, facts_of
from domain.customer.fingerprint import fingerprint
from domain.customer.fold import CustomerFold
from events.control import ClockMode, ProjectionCreated
from infra.clock import SystemClock
from infra.log.records import Appended
from infra.log.sqlite import SqliteLog

PROJECTION = "bench"
IMPORT_ID = "bench-import"
FACTS_A_BATCH = 1_000


class MadeLog(msgspec.Struct, frozen=True):
    """A log file, and how long its appends took."""

    path: Path
    facts: int
    append_seconds: float


def make_log(path: Path, firm: Firm) -> MadeLog:
    """Fill a new log through `SqliteLog.append`, in batches and under an import as imports do."""
    return asyncio.run(_make(path, firm))


async def _make(path: Path, firm: Firm) -> MadeLog:
    log = await SqliteLog.open(path, SystemClock())
    try:
        await log.create(IDENTITY, ClockMode.LOG)
        mark = fingerprint(CustomerFold(IDENTITY.currency))
        await log.create_projection(ProjectionCreated(PROJECTION, mark))
        await log.begin_import(IMPORT_ID, firm.facts)
        seconds, done, facts = 0.0, 0, facts_of(firm)
        while batch := list(islice(facts, FACTS_A_BATCH)):
            done += len(batch)
            begun = time.perf_counter()
            outcomes = await log.append(batch, IMPORT_ID, done)
            seconds += time.perf_counter() - begun
            if not all(isinstance(outcome, Appended) for outcome in outcomes):
                raise ValueError("a fact of the made-up firm was not appended")
        await log.end_import(IMPORT_ID, finished=True)
        return MadeLog(path, done, seconds)
    finally:
        await log.close()
