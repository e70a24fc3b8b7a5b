"""Why a partition stands still until a person has done something."""

from infra.mendable import MendableError


class HaltedError(MendableError):
    """The partition stands still at a record that it cannot pass; the message says why."""

    def __init__(self, partition: int, offset: int, why: str) -> None:
        super().__init__(f"partition {partition} stands still at offset {offset}: {why}")


class ReplacedLogError(MendableError):
    """The log is not the one that these states were folded from."""

    def __init__(self, partition: int, offset: int) -> None:
        super().__init__(
            f"partition {partition}: the record at offset {offset} is not the one that these states"
            " were folded from; the log was replaced or cut: restore the log that belongs to them, or"
            " remove the projection to fold it anew"
        )
