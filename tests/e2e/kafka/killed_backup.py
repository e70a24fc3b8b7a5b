"""Runs `holdfast backup` or `restore` in a process that is killed before the nth call of a function.

``python -m tests.e2e.kafka.killed_backup write|append NTH ARGUMENTS...``
"""

import os
import signal
import sys
from itertools import count

from infra.backup.kafka_writing import RestoringWriter
from infra.backup.records import RecordWriter
from services import cli
from tests.faults.killed import before

POINTS = {"write": (RecordWriter, "write"), "append": (RestoringWriter, "append")}


def main() -> None:
    point, nth, *arguments = sys.argv[1:]
    calls = count(1)

    def visit(*_: object) -> None:
        if next(calls) == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    owner, name = POINTS[point]
    before(owner, name, visit)
    sys.argv = ["holdfast", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
