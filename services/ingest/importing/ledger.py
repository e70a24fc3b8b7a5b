"""What became of every line, one byte a line, so that a summary can account for all of them."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from services.ingest.importing.refusals import SpoolError

NO_ROW = 0
GROUPED = 1
OPENED = 2

LINE_BITS = 40
"""A line's sequence is the file's number and, in the lower 40 bits, its line number there."""


class LineSequence(msgspec.Struct, frozen=True):
    """A line as file number and line number."""

    file: int
    line: int


def sequence_of(file: int, line: int) -> int:
    """Return the number by which lines of all files are told and ordered."""
    return (file << LINE_BITS) | line


def split_sequence(sequence: int) -> LineSequence:
    """Return file and line of a sequence."""
    return LineSequence(sequence >> LINE_BITS, sequence & ((1 << LINE_BITS) - 1))


class Verdict(msgspec.Struct, frozen=True):
    """Why a line gave nothing: it was skipped on purpose, or became a dead letter."""

    dead: bool
    reason: str


class Accounting(msgspec.Struct, frozen=True):
    """Every line counted once.

    ``accepted`` lines opened a fact, ``grouped`` ones joined facts that another line had opened.
    """

    lines: int = 0
    accepted: int = 0
    grouped: int = 0
    skipped: dict[str, int] = {}
    dead_lettered: dict[str, int] = {}

    def accounted(self) -> int:
        """Return the sum of all kinds; equal to ``lines``."""
        sorted_out = sum(self.skipped.values()) + sum(self.dead_lettered.values())
        return self.accepted + self.grouped + sorted_out


class LineLedger:
    """The state of every line of every file. A dead letter outweighs all else."""

    def __init__(self, files: int) -> None:
        self.codes = [bytearray(1) for _ in range(files)]
        self.verdicts: list[Verdict] = []

    def note(self, file: int, line: int, code: int) -> None:
        """Note a line for the first time; lines of a file come in order."""
        codes = self.codes[file]
        missing = line - len(codes)
        if missing:
            codes.extend(bytes(missing))
        codes.append(code)

    def code_of(self, verdict: Verdict) -> int:
        """Return the code that stands for a verdict."""
        if verdict not in self.verdicts:
            if len(self.verdicts) > 255 - OPENED - 1:
                raise SpoolError("more than 253 reasons to leave out lines; use fewer skip rules")
            self.verdicts.append(verdict)
        return self.verdicts.index(verdict) + OPENED + 1

    def open(self, sequence: int) -> None:
        """A fact began with this line."""
        at = split_sequence(sequence)
        if self.codes[at.file][at.line] == GROUPED:
            self.codes[at.file][at.line] = OPENED

    def bury(self, sequences: Iterable[int], reason: str) -> None:
        """A fact out of these lines was refused; the first such reason stands."""
        code = self.code_of(Verdict(dead=True, reason=reason))
        for sequence in sequences:
            at = split_sequence(sequence)
            if self.codes[at.file][at.line] in {GROUPED, OPENED}:
                self.codes[at.file][at.line] = code

    def accounting(self) -> Accounting:
        """Add everything up."""
        counts: Counter[int] = Counter()
        for codes in self.codes:
            counts.update(codes)
        del counts[NO_ROW]
        skipped, dead = Counter[str](), Counter[str]()
        for i, verdict in enumerate(self.verdicts):
            number = counts[i + OPENED + 1]
            if number:
                (dead if verdict.dead else skipped)[verdict.reason] += number
        return Accounting(
            lines=counts.total(),
            accepted=counts[OPENED],
            grouped=counts[GROUPED],
            skipped=dict(sorted(skipped.items())),
            dead_lettered=dict(sorted(dead.items())),
        )
