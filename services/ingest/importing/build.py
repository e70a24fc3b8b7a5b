"""Builds the spool of an import: both halves of the first pass, and the refusals of the door."""

import contextlib
import itertools
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from events.envelope import CloudEvent
from services.ingest.door import FUTURE_TOLERANCE, Door, Now, Refusal
from services.ingest.importing.assembly import Assembler, LinesOfFact, admit, dead_row
from services.ingest.importing.first_pass import FirstPass, Progress, Report, Stage
from services.ingest.importing.grouping import PartialFact
from services.ingest.importing.ids import IdMaker
from services.ingest.importing.ledger import LineLedger
from services.ingest.importing.refusals import ImportRefusedError, SpoolError
from services.ingest.importing.request import ImportJob
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_builder import SpoolBuilder
from services.ingest.importing.spool_file import FORMAT, as_spool_error, remove_spool
from services.ingest.importing.spool_rows import SpooledFact, sequences_in

FACTS_A_WRITE = 2_000

Joined = tuple[CloudEvent, LinesOfFact]


def ensure_spool(job: ImportJob, door: Door, report: Report) -> Path:
    """Return the import's spool: the one left by a run that was broken off, or a new one.

    Raises:
        InputError: a file cannot be read to its end. No spool is left behind.
        SpoolError: the spool cannot be written.
        ImportRefusedError: the map keeps another currency than the log.
    """
    path = spool_path(job.request.spool_dir, job.id)
    if path.exists():
        if _is_usable(path):
            return path
        remove_spool(path)
    building = path.with_suffix(".building")
    remove_spool(building)
    try:
        build_spool(job, door, building, report)
    except BaseException:
        remove_spool(building)
        raise
    return building.rename(path)


def spool_path(spool_dir: Path, import_id: str) -> Path:
    """Return where an import's spool lies."""
    return spool_dir / f"{import_id}.spool"


def build_spool(job: ImportJob, door: Door, path: Path, report: Report) -> None:
    """Write a whole spool at ``path``. Raises as `open_spool` does."""
    _check_currency(job, door)
    with as_spool_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(SpoolBuilder(path)) as spool:
        first_pass = FirstPass(job.map, door.identity.currency, spool, len(job.files))
        first_pass.run(job.files, report)
        _Grouping(job, door, first_pass).run(spool, report)
        spool.seal(first_pass.ledger)


class _Grouping:
    """The second half: partials become facts, which the door admits or refuses."""

    def __init__(self, job: ImportJob, door: Door, first_pass: FirstPass) -> None:
        files = [file.path.name for file in job.files]
        self._job = job
        self._door = door
        self._ledger: LineLedger = first_pass.ledger
        self._now = Now(job.request.wall_now + FUTURE_TOLERANCE, None)
        self._assemblers = [
            Assembler(plan, job.map.columns, IdMaker(plan, files)) for plan in first_pass.plans
        ]

    def run(self, spool: SpoolBuilder, report: Report) -> None:
        total, done = spool.group_count(), 0
        joined = self._joined(spool.partials())
        while batch := list(itertools.islice(joined, FACTS_A_WRITE)):
            self._admit(batch, spool)
            done += len(batch)
            report(Progress(Stage.GROUPING, done, total))
        report(Progress(Stage.GROUPING, total, total))

    def _joined(self, partials: Iterator[PartialFact]) -> Iterator[Joined]:
        source = self._job.map.source
        for (kind, _), group in itertools.groupby(partials, key=attrgetter("kind", "key")):
            parts = list(group)
            event, lines = self._assemblers[kind].join(parts, source)
            yield event, LinesOfFact(kind, parts[0].sequence, lines)

    def _admit(self, batch: list[Joined], spool: SpoolBuilder) -> None:
        facts, dead = [], []
        for event, place in batch:
            fact = admit(self._door, event, self._now)
            if isinstance(fact, Refusal):
                dead.append(dead_row(fact, event, place))
                self._ledger.bury(sequences_in(place.lines), fact.reason.value)
            else:
                facts.append(SpooledFact.of(fact, *place))
                self._ledger.open(place.sequence)
        spool.add_facts(facts)
        spool.add_dead(dead)


def _is_usable(path: Path) -> bool:
    """Tell whether a spool is sound and of this release's format."""
    try:
        spool = Spool(path)
    except SpoolError:
        return False
    spool.close()
    return spool.format == FORMAT


def _check_currency(job: ImportJob, door: Door) -> None:
    wanted = None if job.map.log is None else job.map.log.currency
    kept = door.identity.currency
    if wanted not in {None, kept}:
        what = f"the map says log.currency {wanted}, but this log keeps {kept}"
        raise ImportRefusedError(f"{what}; convert the amounts, or import into another data folder")
