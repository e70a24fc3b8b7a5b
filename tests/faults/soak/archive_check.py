"""Does each record of facts, and of what was said, stand in PostgreSQL, once and as it is in Kafka?"""

from collections import Counter
from collections.abc import Iterator, Sequence

import psycopg

from tests.faults.soak.findings import Findings, Wrong
from tests.faults.soak.reading import FACTS, OUTPUTS, TASKS, LogCopy, Record


class ArchiveCheck:
    """Compares what came since the last time."""

    def __init__(self, copy: LogCopy, conninfo: str, findings: Findings) -> None:
        self._copy = copy
        self._conninfo = conninfo
        self._findings = findings
        self._checked: Counter[tuple[str, int]] = Counter()

    def is_fed(self) -> bool:
        """Whether it is as far as the copy of the log."""
        with psycopg.connect(self._conninfo) as archive:
            found = archive.execute("SELECT topic, partition, next_offset FROM positions")
            fed = {(topic, partition): offset for topic, partition, offset in found}
        return all(fed.get(place, 0) > self._copy.end(*place) for place in self._places())

    def check(self) -> None:
        """Note what is wrong."""
        with psycopg.connect(self._conninfo) as archive:
            for place in self._places():
                self._check_place(archive, place)

    def _check_place(self, archive: psycopg.Connection, place: tuple[str, int]) -> None:
        topic, partition = place
        records = self._copy.records[place]
        since = self._checked[place]
        after = records[since - 1].offset if since else -1
        found = archive.execute(
            f'SELECT "offset", data FROM {topic.removeprefix("crm.")}'
            ' WHERE partition = %s AND "offset" > %s',
            (partition, after),
        ).fetchall()
        stands = {offset: bytes(data) for offset, data in found}
        kept = records if topic == FACTS else list(first_copies(records))
        for record in kept:
            if record.offset <= after:
                continue
            where = f"{topic} {partition}/{record.offset} in the archive"
            if record.offset not in stands:
                self._findings.add(Wrong.LOST, where)
            elif stands.pop(record.offset) != record.value:
                self._findings.add(Wrong.DIFFERENT, where)
        for offset in stands:
            self._findings.add(Wrong.DOUBLED, f"{topic} {partition}/{offset} in the archive")
        self._checked[place] = len(records)

    def _places(self) -> list[tuple[str, int]]:
        numbers = range(self._copy.partitions)
        return [(topic, number) for topic in (FACTS, *OUTPUTS, TASKS) for number in numbers]


def first_copies(records: Sequence[Record]) -> Iterator[Record]:
    """Yield the outputs whose sequence is above all before them."""
    highest = -1
    for record in records:
        number = int(record.headers["ce_sequence"])
        if number > highest:
            highest = number
            yield record
