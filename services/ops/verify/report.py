"""What a verification found."""

from enum import StrEnum

import msgspec

DIFFERENCES_KEPT = 20
NOT_FOLDED = "none"
"""The digest of a log that is too damaged to be folded."""


class Kind(StrEnum):
    """Which kind of row differs."""

    FACT = "fact"
    CONTROL = "control"
    CLAIM = "claim"
    STATE = "state"
    OUTPUT = "output"
    PROJECTION = "projection"
    MODEL = "model"
    TASK = "task"


class Unchecked(StrEnum):
    """What is not checked, because the archive has nothing to check it by."""

    CLAIMS = "claims"
    GAPS = "gaps"


class Difference(msgspec.Struct, frozen=True):
    """One row that is not as it must be: which, and how it differs."""

    kind: Kind
    row: str
    detail: str


class Counts(msgspec.Struct, frozen=True):
    """How much was checked."""

    facts: int
    marks: int
    control_records: int
    customers: int = 0
    outputs: int = 0
    quarantined: int = 0


class Relearned(msgspec.Struct, frozen=True):
    """How many decisions were compared with what is learned again.

    ``passed_over`` of them left a day as it was because it was opened live, before the learner had
    come so far: which model would have been decided then is not compared.
    """

    decisions: int
    passed_over: int


class DeskChecked(msgspec.Struct, frozen=True):
    """How much of the desk was checked.

    ``digest`` covers what was decided on each signal: admitted, or which gate did not let it pass. It is
    the same for the same facts and policy, whoever worked on the tasks.
    """

    events: int
    tasks: int
    decisions: int
    published: int
    digest: str


class Report(msgspec.Struct, frozen=True):
    """A verification pinned at ``position``, of a log whose last record is ``end``.

    Of several ``partitions`` both add up the records up to there in each, less one as for a single
    partition. ``unchecked`` names what the archive gives no means to check.

    ``digest`` covers states and signals as folded anew, so it is the same wherever and however
    often the same facts were folded. Where control records were changed, or a mark cannot be read,
    nothing is folded: the report is of the log alone, and the digest is `NOT_FOLDED`. ``desk`` is
    None where there is no desk, ``relearned`` where nothing was learned again.
    """

    projection: str
    position: int
    end: int
    counts: Counts
    found: int
    differences: tuple[Difference, ...]
    digest: str
    relearned: Relearned | None = None
    partitions: int = 1
    unchecked: tuple[Unchecked, ...] = ()
    desk: DeskChecked | None = None


class Findings:
    """Collects differences: all are counted, the first twenty kept."""

    def __init__(self) -> None:
        self.found = 0
        self.kept: list[Difference] = []

    def add(self, kind: Kind, row: str, detail: str) -> None:
        """Note a difference."""
        self.found += 1
        if len(self.kept) < DIFFERENCES_KEPT:
            self.kept.append(Difference(kind, row, detail))
