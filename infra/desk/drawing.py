"""The line moves on: whoever has room and less than the opening limit gets the worthiest that waits."""

import msgspec

from domain.retention.gates import line_check
from domain.retention.manager import Manager
from domain.retention.routing import Routed, route
from events.judgements import SignalJudged, SignalKind, Verdict
from infra.desk import line
from infra.desk.drain import offer
from infra.desk.heard import Heard
from infra.desk.line import Waiting
from infra.desk.office import Office
from infra.desk.signals import SignalDesk

DRAWN_A_TRANSACTION = 50


def draw(office: Office) -> int:
    """Decide again on what waits, in its order, while a manager may be given more; return how many.

    A task that opens goes to whom it was drawn for. What does not pass the gates any more leaves the
    line as well, and so does what joins a task that is open meanwhile.
    """
    drawn = 0
    if office.book.nobody_waits():
        return drawn
    for waiting in line.in_order(office.book):
        takers = _takers(office)
        if not takers or drawn == DRAWN_A_TRANSACTION:
            break
        found = route(waiting.signal.placement, (), takers, office.now.day)
        if found is not None:
            _decide(office, waiting, found, takers[found.manager])
            drawn += 1
    return drawn


def _takers(office: Office) -> dict[str, Manager]:
    """Return who has room, and fewer open tasks than a pass gives a manager."""
    limit = office.rules.policy.opening_limit
    return {
        code: manager
        for code, manager in office.book.managers().items()
        if manager.room
        and len(manager.tasks) < limit
        and manager.away_until(office.now.day) is None
    }


def _decide(office: Office, waiting: Waiting, found: Routed, taker: Manager) -> None:
    desk, each = SignalDesk(office), Heard(waiting.ref, waiting.signal)
    judged = desk.judged(each, waiting.signal, SignalKind.STANDING, waited=True)
    if judged.verdict is Verdict.OPENED:
        judged = _in_place(judged, len(taker.tasks) + 1, office.rules.policy.opening_limit)
    admitted = desk.admit(judged, waiting.signal, waiting)
    if admitted.verdict is Verdict.OPENED and admitted.task_id is not None:
        offer(office, office.book.open_task(admitted.task_id), found)


def _in_place(judged: SignalJudged, place: int, limit: int) -> SignalJudged:
    check = line_check(place, limit)
    return msgspec.structs.replace(judged, gates=(*judged.gates, check))
