"""What is kept of a stream, so that nothing is folded to be asked: its bytes, and how events change it."""

import msgspec

from domain.retention import account as accounts
from domain.retention import manager as managers
from domain.retention import passes as barriers
from domain.retention import task as tasks
from domain.retention.account import AccountDesk
from domain.retention.manager import Manager
from domain.retention.passes import Passes
from domain.retention.task import RetentionTask
from events.desk import AccountEvent, ManagerEvent, PassEvent
from events.judgements import SignalJudged
from events.tasks import TaskEvent

Kept = RetentionTask | AccountDesk | Manager | Passes
DeskEvent = TaskEvent | AccountEvent | ManagerEvent | PassEvent | SignalJudged

KINDS: dict[str, type[Kept]] = {
    "task": RetentionTask,
    "account": AccountDesk,
    "manager": Manager,
    "passes": Passes,
}
_decoders = {kind: msgspec.msgpack.Decoder(struct) for kind, struct in KINDS.items()}
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def encode_kept(kept: Kept) -> bytes:
    """Return the canonical bytes of what is kept of a stream."""
    return _encoder.encode(kept)


def decode_kept(kind: str, data: bytes) -> Kept:
    """Return what is kept of a stream."""
    return _decoders[kind].decode(data)


def evolved(kept: Kept | None, event: DeskEvent) -> Kept | None:
    """Return what is kept of a stream after one of its events; None where nothing is kept of it."""
    if isinstance(event, SignalJudged):
        return None
    if isinstance(event, TaskEvent) and (kept is None or isinstance(kept, RetentionTask)):
        return tasks.evolve(kept, event)
    if isinstance(event, AccountEvent):
        desk = kept or AccountDesk(event.account)
        if isinstance(desk, AccountDesk):
            return accounts.evolve(desk, event)
    if isinstance(event, ManagerEvent):
        manager = kept or Manager(event.code)
        if isinstance(manager, Manager):
            return managers.evolve(manager, event)
    if isinstance(event, PassEvent):
        barrier = kept or Passes(event.projection)
        if isinstance(barrier, Passes):
            return barriers.evolve(barrier, event)
    raise TypeError(f"{type(event).__name__} does not go on with {type(kept).__name__}")


def named(kept: Kept) -> tuple[str, str]:
    """Return of which kind something kept is, and what it is called."""
    match kept:
        case RetentionTask(task_id=task_id):
            return "task", task_id
        case AccountDesk(account=account):
            return "account", account
        case Manager(code=code):
            return "manager", code
        case Passes(projection=projection):
            return "passes", projection
