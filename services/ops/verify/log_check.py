"""Is the log as it was written? Every record's digest, no gap in the offsets, every claim in place."""

from collections.abc import Callable, Sequence

from infra.archive.port import FactArchive
from infra.log.records import ControlRecord, FactRecord, NewFact
from infra.state.port import Position
from services.ops.verify.report import Counts, Findings, Kind

PROGRESS_EVERY = 5000
FACTS_A_LOOKUP = 1000

Progress = Callable[[str, int, int], None]
"""Called with what is being checked, how much of it is done, and how much there is."""

PARTITION = 0


async def check_log(
    archive: FactArchive, findings: Findings, progress: Progress, pinned: Position
) -> Counts:
    """Check facts, marks, claims and control; and that the record at ``pinned`` is still there."""
    total = await archive.end_offset(PARTITION) + 1
    facts = marks = expected = 0
    found_there = pinned.digest
    unclaimed: list[FactRecord] = []
    async for record in archive.facts(PARTITION, -1):
        _check_record(record, expected, findings)
        expected = record.offset + 1
        if record.customer_id is None:
            marks += 1
        else:
            facts += 1
            unclaimed.append(record)
        if len(unclaimed) == FACTS_A_LOOKUP:
            await _check_claims(archive, unclaimed, findings)
            unclaimed.clear()
        if record.offset == pinned.offset:
            found_there = record.digest
        if expected % PROGRESS_EVERY == 0:
            progress("facts", expected, total)
    await _check_claims(archive, unclaimed, findings)
    progress("facts", total, total)
    if pinned.offset >= expected or found_there != pinned.digest:
        detail = "states were folded up to another record than the log holds there"
        findings.add(Kind.PROJECTION, f"position {pinned.offset}", detail)
    claims = await archive.claim_count()
    if claims != facts:
        findings.add(Kind.CLAIM, "claims", f"{claims} claims stand for {facts} facts")
    return Counts(facts, marks, await check_control(archive, findings))


def _check_record(record: FactRecord, expected: int, findings: Findings) -> None:
    row = f"crm.facts offset {record.offset}"
    if record.offset != expected:
        findings.add(Kind.FACT, row, f"offsets {expected} to {record.offset - 1} are missing")
    if record.computed_digest() != record.digest:
        findings.add(Kind.FACT, row, f"changed since it was written: {_named(record)}")


async def check_control(archive: FactArchive, findings: Findings) -> int:
    """Check all of ``crm.control``; return how many records there are."""
    records = await archive.control()
    for expected, record in enumerate(records):
        row = f"crm.control offset {record.offset}"
        if record.offset != expected:
            findings.add(Kind.CONTROL, row, f"offset {expected} is missing")
        if record.computed_digest() != record.digest:
            findings.add(Kind.CONTROL, row, f"changed since it was written: {_named(record)}")
    return len(records)


async def _check_claims(
    archive: FactArchive, records: Sequence[FactRecord], findings: Findings
) -> None:
    """Check the claims of facts, looked up together: one by one that takes most of the time."""
    facts = [_as_sent(record) for record in records]
    claims = [fact.claim() for fact in facts]
    standing = await archive.claimed(claims)
    for record, fact, claim in zip(records, facts, claims, strict=True):
        row = f"claim of crm.facts offset {record.offset}"
        if claim not in standing:
            findings.add(Kind.CLAIM, row, f"no claim stands for {_named(record)}")
        elif standing[claim] != fact.body_digest():
            findings.add(Kind.CLAIM, row, f"the claim stands for another body of {_named(record)}")


def _as_sent(record: FactRecord) -> NewFact:
    return NewFact(
        type=record.type,
        customer_id=record.customer_id,  # type: ignore[arg-type]  # a fact has a customer
        source=str(record.source),
        id=str(record.id),
        time=record.time,
        day=record.day or 0,
        data=record.data,
    )


def _named(record: FactRecord | ControlRecord) -> str:
    if isinstance(record, ControlRecord) or record.customer_id is None:
        return record.type
    return f"{record.type}, source {record.source!r}, id {record.id!r}"
