"""Is the log as it was written? Every record's digest, no record missing, every claim in place."""

from collections.abc import Callable, Sequence

from infra.archive.port import FactArchive, KeptClaims
from infra.log.records import ControlRecord, FactRecord, NewFact
from infra.state.port import START, Position
from services.ops.verify.report import Counts, Findings, Kind, Unchecked

PROGRESS_EVERY = 5000
FACTS_A_LOOKUP = 1000

Progress = Callable[[str, int, int], None]
"""Called with what is being checked, how much of it is done, and how much there is."""


def not_checkable(archive: FactArchive) -> tuple[Unchecked, ...]:
    """Return what an archive gives no means to check."""
    found = [Unchecked.CLAIMS] * (archive.claims is None) + [Unchecked.GAPS] * (not archive.dense)
    return tuple(found)


async def check_log(
    archive: FactArchive, findings: Findings, progress: Progress, pinned: Sequence[Position]
) -> Counts:
    """Check facts, marks, claims and control; and that the records at ``pinned`` are still there.

    ``pinned`` has a position for each partition, or none where there is nothing to fold by.
    """
    check = _FactsCheck(archive, findings, progress)
    for partition in range(archive.partitions):
        check.total += await archive.fact_count(partition) + await archive.mark_count(partition)
    for partition in range(archive.partitions):
        await check.partition(partition, pinned[partition] if pinned else START)
    progress("facts", check.total, check.total)
    if archive.claims is not None:
        claims = await archive.claims.claim_count()
        if claims != check.facts:
            findings.add(Kind.CLAIM, "claims", f"{claims} claims stand for {check.facts} facts")
    return Counts(check.facts, check.marks, await check_control(archive, findings))


class _FactsCheck:
    """Goes through ``crm.facts``, partition by partition."""

    def __init__(self, archive: FactArchive, findings: Findings, progress: Progress) -> None:
        self.total = self.facts = self.marks = 0
        self._archive = archive
        self._findings = findings
        self._progress = progress
        self._unclaimed: list[FactRecord] = []

    async def partition(self, partition: int, pinned: Position) -> None:
        """Check the records of a partition."""
        of = f"crm.facts partition {partition}" if self._archive.partitions > 1 else "crm.facts"
        before, expected, found_there = self.facts + self.marks, 0, pinned.digest
        async for record in self._archive.facts(partition, -1):
            if self._archive.dense and record.offset != expected:
                missing = f"offsets {expected} to {record.offset - 1} are missing"
                self._findings.add(Kind.FACT, f"{of} offset {record.offset}", missing)
            expected = record.offset + 1
            if record.offset == pinned.offset:
                found_there = record.digest
            await self._record(record, of)
        await self._check_claims()
        if pinned.offset >= expected or found_there != pinned.digest:
            place = f"partition {partition} " if self._archive.partitions > 1 else ""
            detail = "states were folded up to another record than the log holds there"
            self._findings.add(Kind.PROJECTION, f"{place}position {pinned.offset}", detail)
        if not self._archive.dense:
            await self._check_number(partition, self.facts + self.marks - before)

    async def _record(self, record: FactRecord, of: str) -> None:
        if record.computed_digest() != record.digest:
            detail = f"changed since it was written: {_named(record)}"
            self._findings.add(Kind.FACT, f"{of} offset {record.offset}", detail)
        if record.customer_id is None:
            self.marks += 1
        else:
            self.facts += 1
            self._unclaimed.append(record)
        if len(self._unclaimed) == FACTS_A_LOOKUP:
            await self._check_claims()
        if (self.facts + self.marks) % PROGRESS_EVERY == 0:
            self._progress("facts", self.facts + self.marks, self.total)

    async def _check_claims(self) -> None:
        if self._archive.claims is not None:
            await _check_claims(self._archive.claims, self._unclaimed, self._findings)
        self._unclaimed.clear()

    async def _check_number(self, partition: int, found: int) -> None:
        """Compare with how many were counted when they were fed: gaps tell nothing here."""
        archive = self._archive
        fed = await archive.fact_count(partition) + await archive.mark_count(partition)
        if found != fed:
            detail = f"{fed} records were fed, {found} are there"
            self._findings.add(Kind.FACT, f"crm.facts partition {partition}", detail)


async def check_control(archive: FactArchive, findings: Findings) -> int:
    """Check all of ``crm.control``; return how many records there are."""
    records = await archive.control()
    for expected, record in enumerate(records):
        row = f"crm.control offset {record.offset}"
        if archive.dense and record.offset != expected:
            findings.add(Kind.CONTROL, row, f"offset {expected} is missing")
        if record.computed_digest() != record.digest:
            findings.add(Kind.CONTROL, row, f"changed since it was written: {_named(record)}")
    written = await archive.control_count()
    if not archive.dense and written != len(records):
        detail = f"{written} records were fed, {len(records)} are there"
        findings.add(Kind.CONTROL, "crm.control", detail)
    return len(records)


async def _check_claims(
    kept: KeptClaims, records: Sequence[FactRecord], findings: Findings
) -> None:
    """Check the claims of facts, looked up together: one by one that takes most of the time."""
    facts = [_as_sent(record) for record in records]
    claims = [fact.claim() for fact in facts]
    standing = await kept.claimed(claims)
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
