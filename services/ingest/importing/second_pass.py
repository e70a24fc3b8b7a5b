"""The second pass: facts out of the spool into the log, in the order of their time."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from infra.log.port import EventLog
from infra.log.records import Appended, AppendOutcome, Conflict, Duplicate, Suspended
from services.ingest.door import Refusal, RefusalReason
from services.ingest.importing.assembly import LinesOfFact, dead_row, event_of, fact_of
from services.ingest.importing.first_pass import Progress, Report, Stage
from services.ingest.importing.in_thread import off_loop
from services.ingest.importing.refusals import ImportRefusedError
from services.ingest.importing.spool import Spool
from services.ingest.importing.spool_rows import DeadRow, SpooledFact
from services.ingest.importing.taking import Taken

FACTS_A_BATCH = 1_000


class _Place(NamedTuple):
    """How far the record in the spool goes: so many facts, of which ``last`` is the last."""

    position: int
    last: SpooledFact | None


class SecondPass:
    """Appends the facts of one spool, and keeps on record what became of them.

    Log and spool commit one after the other. What stands in the log but not on record is appended
    again after a kill, and then found standing there; it counts as appended, as it was.
    """

    def __init__(self, log: EventLog, spool: Spool) -> None:
        self._log = log
        self._spool = spool
        self._label = spool.label

    async def run(self, taken: Taken, report: Report) -> None:
        """Append what follows on the facts that are done, up to the total.

        Raises:
            ImportRefusedError: another import took the log meanwhile.
            LogUnavailableError: the log could not write; the import can be taken up again.
        """
        position, last = await off_loop(lambda: self._begin(taken.done))
        report(Progress(Stage.APPENDING, position, taken.total))
        while batch := await off_loop(
            partial(self._spool.facts, last, min(FACTS_A_BATCH, taken.total - position))
        ):
            behind, position, last = position, position + len(batch), batch[-1]
            outcomes = await self._log.append(
                [fact_of(fact, self._label) for fact in batch],
                import_id=self._label.import_id,
                done=max(position, taken.done),
            )
            await off_loop(partial(self._record, batch, outcomes, behind, taken.done))
            report(Progress(Stage.APPENDING, position, taken.total))

    def _begin(self, done: int) -> _Place:
        if self._spool.recorded() > done:
            self._spool.forget_record()
        position = self._spool.recorded()
        return _Place(position, self._spool.fact_at(position))

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

    def _conflict(self, fact: SpooledFact) -> DeadRow:
        refusal = Refusal(
            RefusalReason.CONFLICT,
            "$.id",
            f"the log holds {fact.id!r} of {self._label.source!r} with another body",
            "make the id in the map tell the two apart, or leave the older one standing",
        )
        lines = LinesOfFact(fact.kind, fact.sequence, fact.lines)
        return dead_row(refusal, event_of(fact, self._label), lines)
