"""The second pass: facts out of the spool into the log, in the order of their time."""

from collections import Counter
from collections.abc import Sequence

from events.catalogue import REGISTRY
from events.values import CustomerId
from infra.log.port import EventLog
from infra.log.records import Appended, AppendOutcome, Conflict, Duplicate, NewFact, Suspended
from services.ingest.door import Refusal, RefusalReason
from services.ingest.importing.assembly import LinesOfFact, dead_row, event_of
from services.ingest.importing.first_pass import Progress, Report, Stage
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.importing.request import ImportJob
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow, SpooledFact

FACTS_A_BATCH = 1_000


class SecondPass:
    """Appends the facts of one spool, and keeps on record what became of them.

    Log and spool commit one after the other. What stands in the log but not on record is appended
    again after a kill, and then found standing there; it counts as appended, as it was.
    """

    def __init__(self, log: EventLog, job: ImportJob, spool: Spool) -> None:
        self._log = log
        self._job = job
        self._spool = spool
        self._types = [REGISTRY.current_name(rule.type) for rule in job.map.facts]

    async def run(self, done: int, total: int, report: Report) -> None:
        """Append what follows on the first ``done`` facts.

        Raises:
            ImportRefusedError: another import took the log meanwhile.
            LogUnavailableError: the log could not write; the import can be taken up again.
        """
        if self._spool.recorded() > done:
            self._spool.forget_record()
        position = self._spool.recorded()
        last = self._spool.fact_at(position)
        report(Progress(Stage.APPENDING, position, total))
        while batch := self._spool.facts(last, FACTS_A_BATCH):
            behind, position, last = position, position + len(batch), batch[-1]
            outcomes = await self._log.append(
                [self._fact(spooled) for spooled in batch],
                import_id=self._job.id,
                done=max(position, done),
            )
            self._record(batch, outcomes, behind, done)
            report(Progress(Stage.APPENDING, position, total))

    def _record(
        self,
        batch: Sequence[SpooledFact],
        outcomes: Sequence[AppendOutcome],
        behind: int,
        done: int,
    ) -> None:
        appended, present = Counter[int](), Counter[int]()
        dead: list[DeadRow] = []
        for i, (fact, outcome) in enumerate(zip(batch, outcomes, strict=True), start=behind):
            match outcome:
                case Appended():
                    appended[fact.kind] += 1
                case Duplicate():
                    (appended if i < done else present)[fact.kind] += 1
                case Conflict():
                    dead.append(self._conflict(fact))
                case Suspended(import_id=other):
                    raise ImportRefusedError(f"import {other} has the log; finish or abandon it")
        kinds = {kind: (appended[kind], present[kind]) for kind in appended | present}
        self._spool.record(behind + len(batch), kinds, dead)

    def _fact(self, spooled: SpooledFact) -> NewFact:
        return NewFact(
            type=self._types[spooled.kind],
            customer_id=CustomerId(spooled.customer),
            source=self._job.map.source,
            id=spooled.id,
            time=spooled.time,
            day=spooled.day,
            data=spooled.data,
        )

    def _conflict(self, fact: SpooledFact) -> DeadRow:
        refusal = Refusal(
            RefusalReason.CONFLICT,
            "$.id",
            f"the log holds {fact.id!r} of {self._job.map.source!r} with another body",
            "make the id in the map tell the two apart, or leave the older one standing",
        )
        event = event_of(fact, self._job.map.source, self._types[fact.kind])
        return dead_row(refusal, event, LinesOfFact(fact.kind, fact.sequence, fact.lines))
