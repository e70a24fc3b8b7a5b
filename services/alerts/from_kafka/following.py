"""Which projections' signals are decided on: the one that spoke when the desk began, and those after it."""

from infra.desk import tables
from infra.desk.desk import DeskHaltedError, TaskDesk
from infra.desk.port import DeskStore, Statement
from infra.log.head import LogHead

SINCE = "followed-since"


class Following:
    """Tells whose signals are taken; all processes on a store tell the same.

    Within a partition the topic has the order in which projections spoke: what the one before said,
    up to the switch, then what stands for the one after it. So each partition goes over by itself.
    """

    def __init__(self, desk: TaskDesk) -> None:
        self._desk = desk
        self._since: str | None = None

    async def takes(self, head: LogHead, projection: str) -> bool:
        """Tell whether a projection's signals are decided on.

        Raises `DeskHaltedError` for one that the log knows nothing of.
        """
        spoke = list(head.emissions)
        if projection not in spoke:
            raise DeskHaltedError(
                f"the desk stands still at a signal of {projection}, which this log never let speak:"
                " see by `holdfast topics check` who may write to crm.signals"
            )
        if self._since is None:
            standing = head.projection() or projection
            self._since = await self._desk.run(lambda store: _since(store, standing))
        first = spoke.index(self._since) if self._since in spoke else 0
        return spoke.index(projection) >= first


def _since(store: DeskStore, standing: str) -> str:
    """Return the first projection that this desk followed; ``standing`` where it begins now."""
    with store.turn():
        rows = store.fetch("SELECT value FROM desk_about WHERE name = ?", (SINCE,))
        if rows:
            return str(rows[0][0])
        store.append((), (Statement(tables.PUT_ABOUT, [(SINCE, standing)]),), None)
    return standing
