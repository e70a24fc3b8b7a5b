"""Ends a process by SIGKILL at a chosen step of the desk: decision, transaction, relay, outcome."""

from collections.abc import Callable, Sequence

import msgspec

from infra.desk import desk as desks
from infra.desk import relay
from infra.desk.relay import DESK
from infra.desk.signals import SignalDesk
from infra.desk.sqlite import DeskRecorder, SqliteDesk
from infra.log.records import Output
from infra.log.sqlite import SqliteLog
from services.alerts import outcomes
from services.outcome_door import LocalDoor
from tests.faults.killed import Executioner, Moment, after, before


class DeskMoment(msgspec.Struct, frozen=True):
    """When to die: at the ``passing``-th passing of ``point``, with so many signals a transaction."""

    point: str
    passing: int = 1
    signals_a_transaction: int = 3


POINTS: dict[str, tuple[Callable[..., None], object, str]] = {
    "signal decided": (after, SignalDesk, "take"),
    "transaction beginning": (before, SqliteDesk, "append"),
    "inside a transaction": (after, DeskRecorder, "_insert_events"),
    "transaction committed": (after, SqliteDesk, "append"),
    "pass made": (after, desks, "make_pass"),
    "tasks offered": (after, desks, "drain"),
    "line drawn": (after, desks, "draw"),
    "relay place": (before, relay, "keep_place"),
    "relay placed": (after, relay, "keep_place"),
    "outcome place": (before, outcomes, "keep_place"),
    "outcome placed": (after, outcomes, "keep_place"),
    "outcome submitting": (before, LocalDoor, "submit"),
    "outcome submitted": (after, LocalDoor, "submit"),
    "command carried out": (after, desks, "carry_out"),
}
PUBLISHING = {"tasks publishing": before, "tasks published": after}


def prepare_desk_to_die(moment: DeskMoment) -> None:
    """Wrap what the moment names. To be called in a process of its own, which this ends."""
    desks.SIGNALS_A_TRANSACTION = moment.signals_a_transaction
    relay.EVENTS_A_BATCH = 20
    executioner = Executioner(Moment(moment.point, passing=moment.passing))
    if moment.point in PUBLISHING:

        def visit(_log: object, name: str, _partition: int, _outputs: Sequence[Output]) -> None:
            if name == DESK:
                executioner.appending()

        PUBLISHING[moment.point](SqliteLog, "publish", visit)
        return
    place, owner, name = POINTS[moment.point]
    place(owner, name, executioner.appending)
