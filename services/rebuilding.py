"""`holdfast rebuild`: fold the log anew beside the standing projection, compare, take over."""

from collections.abc import Callable

from events.control import ClockMode
from infra.clock import Clock
from infra.folder import DataFolder
from infra.sqlite.connection import StoreError
from services.embedded import open_engine, workplace
from services.ingest.settings import IngestSettings
from services.new_log import NewLog
from services.profiles.app import Profiles
from services.profiles.comparison import Comparison
from services.steps import Step

REBUILDING = "rebuilding"

Report = Callable[[Step], None]


async def rebuild(
    folder: DataFolder, settings: IngestSettings, wall: Clock, report: Report
) -> Comparison | None:
    """Rebuild the projection of a folder; return how it differs, None where nothing was left to compare.

    A rebuild that was broken off is taken up where it was. The standing projection folds all there
    is first, where this release can, so that nothing it would have said is left out.

    Raises what `open_engine` raises, and `StoreError` for a folder without a log.
    """
    if not folder.log.exists():
        raise StoreError(f"{folder.log} does not exist: there is nothing to rebuild from")
    new_log = NewLog.from_settings(settings, ClockMode.LOG)
    async with open_engine(folder, new_log, wall) as engine:
        end = await engine.log.end_offset(0) + 1

        def tell(offset: int) -> None:
            report(Step(REBUILDING, min(offset + 1, end), end))

        await engine.catch_up(tell)
        if engine.profiles.rebuild is not None:
            return engine.profiles.comparison
        anew = await Profiles.open_anew(workplace(folder, engine.log))
        try:
            await anew.catch_up(tell)
            await engine.alerts.catch_up()
            return anew.comparison
        finally:
            await anew.close()
