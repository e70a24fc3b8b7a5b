"""Builds the spool of an import: both halves of the first pass, and the refusals of the door."""

import contextlib
import itertools
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import msgspec

from events.control import LogCreated
from events.envelope import CloudEvent
from services.ingest.door import FUTURE_TOLERANCE, Door, Now, Refusal
from services.ingest.importing.assembly import Assembler, LinesOfFact, admit, dead_row
from services.ingest.importing.first_pass import FirstPass, Progress, Report, Stage
from services.ingest.importing.grouping import PartialFact
from services.ingest.importing.history import refuse_long_history
from services.ingest.importing.ids import IdMaker
from services.ingest.importing.ledger import LineLedger
from services.ingest.importing.log_settings import check_log_settings
from services.ingest.importing.refusals import SpoolError
from services.ingest.importing.request import ImportJob
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_builder import SpoolBuilder
from services.ingest.importing.spool_file import as_spool_error, remove_spool
from services.ingest.importing.spool_rows import SpooledFact, sequences_in

FACTS_A_WRITE = 2_000

Joined = tuple[CloudEvent, LinesOfFact]


class ReadAhead(msgspec.Struct, frozen=True):
    """A spool that was built before its log was made, beside the name that it is to have.

    It is good only for a log that is then made as it was ``meant``, whatever its id.
    """

    job: ImportJob
    path: Path
    meant: LogCreated

    def fits(self, identity: LogCreated) -> bool:
        """Tell whether a log came to be as it was meant."""
        return msgspec.structs.replace(self.meant, log_id=identity.log_id) == identity


def read_ahead(job: ImportJob, door: Door, report: Report) -> ReadAhead:
    """Build the spool of an import whose log is yet to be made, so that a refusal makes none.

    Raises as `ensure_spool`, and `LongHistoryError`.
    """
    building = _built_beside(job, door, report)
    try:
        with contextlib.closing(Spool(building)) as spool:
            if not job.request.long_history:
                refuse_long_history(spool)
    except BaseException:
        remove_spool(building)
        raise
    return ReadAhead(job, building, door.identity)


def ensure_spool(job: ImportJob, door: Door, report: Report, ahead: ReadAhead | None) -> Path:
    """Return the import's spool: the one left by a run that was broken off, or a new one.

    Raises:
        InputError: a file cannot be read to its end. No spool is left behind.
        SpoolError: the spool cannot be written.
        ImportRefusedError: the map keeps another currency or time zone than the log.
    """
    check_log_settings(job.map, door.identity)
    path = spool_path(job.request.spool_dir, job.id)
    takes_ahead = ahead is not None and ahead.fits(door.identity)
    if not takes_ahead and is_usable(path):
        return path
    remove_spool(path)
    building = ahead.path if ahead and takes_ahead else _built_beside(job, door, report)
    with as_spool_error(path):
        return building.rename(path)


def spool_path(spool_dir: Path, import_id: str) -> Path:
    """Return where an import's spool lies."""
    return spool_dir / f"{import_id}.spool"


def is_usable(path: Path) -> bool:
    """Tell whether there is a spool, whole and of this release."""
    if not path.exists():
        return False
    try:
        Spool(path).close()
    except SpoolError:
        return False
    return True


def build_spool(job: ImportJob, door: Door, path: Path, report: Report) -> None:
    """Write a whole spool at ``path``. Raises as `ensure_spool` does."""
    check_log_settings(job.map, door.identity)
    with as_spool_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(SpoolBuilder(path)) as spool:
        first_pass = FirstPass(job.map, door.identity.currency, spool, len(job.files))
        first_pass.run(job.files, report)
        _Grouping(job, door, first_pass).run(spool, report)
        spool.seal(first_pass.ledger, job.label())


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


def _built_beside(job: ImportJob, door: Door, report: Report) -> Path:
    """Build a spool beside its name, which only a complete one may bear."""
    building = spool_path(job.request.spool_dir, job.id).with_suffix(".building")
    remove_spool(building)
    try:
        build_spool(job, door, building, report)
    except BaseException:
        remove_spool(building)
        raise
    return building
