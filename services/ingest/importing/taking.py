"""An import takes the log: judged by the open day at that very moment, and by it ever after."""

import msgspec

from infra.log.head import LogHead
from infra.log.holds import OpenDayMovedError
from infra.log.port import EventLog
from infra.log.transaction import SeenDay
from services.ingest.importing.history import refuse_long_history
from services.ingest.importing.in_thread import off_loop
from services.ingest.importing.lateness import LateFacts
from services.ingest.importing.log_settings import declare_feeds
from services.ingest.importing.refusals import ImportRefusedError, SpoolError
from services.ingest.importing.request import ImportRequest
from services.ingest.importing.spool import Spool


class Taken(msgspec.Struct, frozen=True):
    """An import has the log; of the ``total`` facts of its spool, the first ``done`` are in it."""

    done: int
    total: int


def free_head(log: EventLog, import_id: str) -> LogHead:
    """Return the head of a log that no other import has.

    Raises `ImportRefusedError` where one has it, ``LookupError`` for a log that was never created.
    """
    head = log.head
    if head is None:
        raise LookupError("this log was never created")
    if head.suspended_by not in {None, import_id}:
        raise ImportRefusedError(
            f"import {head.suspended_by} is not finished; repeat it with the same files and the "
            "same map to finish it, or abandon it"
        )
    return head


async def take_log(log: EventLog, request: ImportRequest, spool: Spool) -> Taken:
    """Take the log for a spool, or take up what was begun, and set aside what is too late.

    An import that goes on was told already what to do with late facts and with a long history.

    Raises:
        LongHistoryError: the facts reach over more than 20 years. Nothing was written.
        TooLateError: facts would be too late. Nothing was written.
        SpoolError: the spool holds fewer facts than the log has of this import.
        ImportRefusedError: another import has the log.
    """
    import_id = spool.label.import_id
    hold = free_head(log, import_id).hold
    day = await _begin(log, request, spool) if hold is None else hold.baseline_day
    await LateFacts(spool, day, log).set_aside()
    total = await off_loop(spool.total)
    done = await log.begin_import(import_id, total)
    if done > total:
        raise SpoolError(
            f"the log has {done} facts of this import, but its files now give {total}; "
            "abandon the import and begin it anew"
        )
    return Taken(done, total)


async def _begin(log: EventLog, request: ImportRequest, spool: Spool) -> int | None:
    """Begin the import by the open day at which its facts were looked at; return that day."""
    if not request.long_history:
        await off_loop(lambda: refuse_long_history(spool))
    total = await off_loop(spool.total)
    while True:
        open_day = free_head(log, spool.label.import_id).open_day
        facts = LateFacts(spool, open_day, log)
        late = await facts.look()
        if late.count and not request.dead_letter_late:
            raise facts.refusal(late)
        await declare_feeds(log, request.map)
        try:
            await log.begin_import(spool.label.import_id, total - late.count, SeenDay(open_day))
        except OpenDayMovedError:
            continue  # a day was opened meanwhile, so look again
        return open_day
