"""The pass over all that stands once a projection is live: the worthiest first, so many a manager."""

import msgspec

from domain.retention.line import Line
from events.desk import PassMade
from events.judgements import GateCheck, SignalJudged, SignalKind, SignalRef, Verdict
from events.marks import Emission
from events.signals import RiskStanding
from events.task_values import SupportEnded, TaskId
from infra.desk import line, tables
from infra.desk.heard import Heard
from infra.desk.office import Office
from infra.desk.port import Row, blob
from infra.desk.signals import CLEARED, JUDGED, SignalDesk

Supported = frozenset[tuple[str, str, str]]
LAST = "last-pass"
_IN_ORDER = """SELECT customer_id, reason, service, partition, sequence, emission, data
FROM desk_standings WHERE projection = ? AND pass = ?
ORDER BY stake DESC, customer_id, reason, service"""
_standing = msgspec.json.Decoder(RiskStanding)
_OPEN = "SELECT task_id FROM desk_tasks WHERE state <> 'closed' ORDER BY task_id"


def make_pass(office: Office, projection: str, number: int) -> None:
    """Judge every standing of a pass, open what may be, and close what nothing stands behind any more."""
    book = office.book
    _dissolve_the_line(office)
    rows = book.fetch(_IN_ORDER, projection, number)
    standing = [row for row in rows if row[5] != CLEARED]
    opened = _open_in_order(office, projection, rows)
    closed = _close_unsupported(
        office,
        _ended(office, projection),
        frozenset((str(row[0]), str(row[1]), str(row[2])) for row in standing),
    )
    book.put(tables.DROP_STANDINGS, (projection, number))
    book.put(tables.PUT_ABOUT, (LAST, projection))
    book.say(PassMade(projection, office.now.at, len(standing), opened, closed))


def _open_in_order(office: Office, projection: str, rows: list[Row]) -> int:
    desk = SignalDesk(office)
    places = Line(office.book.managers(), office.rules.policy.opening_limit, office.now.day)
    opened = 0
    for row in rows:
        if row[5] == JUDGED:
            continue
        each = _heard(projection, row)
        signal = each.signal
        if not isinstance(signal, RiskStanding):
            raise TypeError(f"{type(signal).__name__} stands in no line")
        if row[5] == CLEARED:
            desk.gone(each, signal)
            continue
        judged = desk.judged(each, signal, SignalKind.STANDING)
        if judged.verdict is Verdict.OPENED:
            judged = _in_line(judged, places.next_place(signal.placement))
            if judged.verdict is Verdict.WITHHELD:
                line.wait(office.book, each.ref, signal, str(row[2]))
        opened += desk.admit(judged, signal).verdict is Verdict.OPENED
    return opened


def _dissolve_the_line(office: Office) -> None:
    """End what waits from the pass before: this one looks at all that stands."""
    if office.book.nobody_waits():
        return
    desk = SignalDesk(office)
    for waiting in line.in_order(office.book):
        desk.gone(Heard(waiting.ref, waiting.signal), waiting.signal, waiting)


def _in_line(judged: SignalJudged, check: GateCheck) -> SignalJudged:
    found = Verdict.OPENED if check.passed else Verdict.WITHHELD
    return msgspec.structs.replace(judged, gates=(*judged.gates, check), verdict=found)


def _close_unsupported(office: Office, because: SupportEnded, supported: Supported) -> int:
    closed = 0
    for (task_id,) in office.book.fetch(_OPEN):
        task = office.book.open_task(TaskId(str(task_id)))
        for entry in task.standing:
            place = (str(entry.customer_id), task.reason.value, entry.service or "")
            if place not in supported and task.is_open:
                task = office.clear(task, entry.customer_id, entry.service, because)
        closed += not task.is_open
    return closed


def _ended(office: Office, projection: str) -> SupportEnded:
    """Return why what does not stand any more does not: another projection is another model."""
    rows = office.book.fetch("SELECT value FROM desk_about WHERE name = ?", LAST)
    other = bool(rows) and rows[0][0] != projection
    return SupportEnded.MODEL_CHANGED if other else SupportEnded.RECOVERED


def _heard(projection: str, row: Row) -> Heard:
    _, _, _, partition, sequence, emission, data = row
    said = Emission.LIVE.value if emission == CLEARED else str(emission)
    ref = SignalRef(projection, _whole(partition), _whole(sequence), said)
    return Heard(ref, _standing.decode(blob(data)))


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
