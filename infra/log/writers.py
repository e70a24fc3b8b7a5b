"""Why a log on Kafka does not write: it is not the one writer, or is so no longer."""

from infra.log.port import LogUnavailableError
from infra.mendable import MendableError


class NotTheWriterError(MendableError):
    """Only ingest writes facts, days, marks and imports; this log was opened to read."""

    def __init__(self) -> None:
        super().__init__(
            "this service does not write to crm.facts: only the active ingest does, so send it there"
        )


class WriterFencedError(LogUnavailableError):
    """Another writer has taken over. Nothing of the batch stands, and this one never writes again."""

    def __init__(self) -> None:
        super().__init__(
            "another ingest has taken over the log, so this one writes no more: it stands by once it"
            " is started again; run as many as you like, one is active at a time"
        )


class LedgerAheadError(LogUnavailableError):
    """Redis remembers facts that are not in the log: those who send them again would be refused."""

    def __init__(self, log_id: str, partition: int, known: int, end: int) -> None:
        super().__init__(
            f"Redis knows crm.facts partition {partition} up to offset {known}, and it ends at {end}:"
            " the topic was restored from an older copy, or made anew. Restore the one that belongs to"
            " it. Where the older copy is all there is, delete the keys"
            f" `holdfast:{{{log_id}}}:*` from Redis, and start again: they are made from the log"
        )


class HalfRestoredError(LogUnavailableError):
    """There are facts, and no control records: half of a log that is being restored."""

    def __init__(self) -> None:
        super().__init__(
            "crm.facts holds facts and crm.control nothing: a restore is under way, or was broken off;"
            " give `holdfast restore` again, or delete the topics and `holdfast topics apply` to begin"
            " an empty log"
        )
