"""Are the console's rows what ``crm.tasks`` says, each once, named and counted?

It reads PostgreSQL by plain SQL, and folds the copy of the topic by the pure fold.
"""

from collections import Counter

import msgspec
import psycopg

from domain.retention.task import RetentionTask, evolve
from events.catalogue import REGISTRY
from events.tasks import TaskEvent
from tests.faults.soak.archive_check import first_copies
from tests.faults.soak.findings import Findings, Wrong
from tests.faults.soak.reading import TASKS, LogCopy

_THERE = "SELECT to_regclass('console_tasks') IS NOT NULL"
_POSITIONS = "SELECT partition_number, sequence FROM console_positions"
_ROWS = "SELECT task_id, label, data FROM console_tasks"
_COUNTS = "SELECT manager, state, number FROM console_counts WHERE number <> 0"


class InboxCheck:
    """Compares everything, each time."""

    def __init__(self, copy: LogCopy, conninfo: str, findings: Findings) -> None:
        self._copy = copy
        self._conninfo = conninfo
        self._findings = findings

    def missing(self) -> str | None:
        """What the console still has to take in."""
        with psycopg.connect(self._conninfo) as inbox:
            if inbox.execute(_THERE).fetchone() != (True,):
                return "there is no inbox yet"
            found = dict(inbox.execute(_POSITIONS).fetchall())
            nameless = inbox.execute(
                "SELECT count(*) FROM console_tasks WHERE label = ''"
            ).fetchone()
        ends = {number: self._copy.end(TASKS, number) for number in range(self._copy.partitions)}
        behind = [number for number, end in ends.items() if found.get(number, -1) < end]
        if behind:
            return f"the inbox is behind in partitions {behind}"
        return None if nameless == (0,) else "the inbox has rows without a name"

    def check(self) -> None:
        """Note what is wrong."""
        expected = self._expected()
        with psycopg.connect(self._conninfo) as inbox:
            rows = inbox.execute(_ROWS).fetchall()
            counted = {
                (manager, state): number for manager, state, number in inbox.execute(_COUNTS)
            }
        found = {
            task_id: msgspec.msgpack.decode(bytes(data), type=RetentionTask)
            for task_id, _, data in rows
        }
        for task_id in expected.keys() - found.keys():
            self._findings.add(Wrong.LOST, f"row of {task_id}")
        for task_id, task in found.items():
            if expected.get(task_id) != task:
                self._findings.add(Wrong.DIFFERENT, f"row of {task_id}, version {task.version}")
        counts = Counter((task.manager or "", task.state.value) for task in expected.values())
        for place in counts.keys() | counted.keys():
            if counted.get(place, 0) != counts[place]:
                self._findings.add(
                    Wrong.DIFFERENT, f"{counted.get(place, 0)} counted of {counts[place]} {place}"
                )

    def _expected(self) -> dict[str, RetentionTask]:
        tasks: dict[str, RetentionTask] = {}
        for number in range(self._copy.partitions):
            for record in first_copies(self._copy.records[TASKS, number]):
                event = REGISTRY.decode(record.type, record.value)
                if isinstance(event, TaskEvent):
                    task_id = event.task.task_id
                    tasks[task_id] = evolve(tasks.get(task_id), event)
        return tasks
