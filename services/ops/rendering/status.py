"""Where a data folder stands, on the screen: what is wrong first, then everything else."""

from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import add_row, heading, indented, label_rows, table
from services.ops.rendering.model_status import model_rows
from services.ops.rendering.safe import escaped, plain
from services.ops.rendering.status_alarms import alarms
from services.ops.rendering.wording import clock_words
from services.ops.status import Holder, LogStatus, ProjectionStatus, SourceTally, Status


def render_status(view: Status, catalogue: Catalogue, zone: ZoneInfo) -> RenderableType:
    """Return all of it; times as the clocks of ``zone`` show them."""
    parts: list[RenderableType] = [plain(f"! {alarm}", "red") for alarm in alarms(view, catalogue)]
    if not parts:
        parts = [plain(catalogue.say("Nothing is behind, nothing is held up."), "green")]
    parts += _section(catalogue.say("Log"), _log(view, catalogue, zone))
    if view.projection is not None:
        parts += _section(catalogue.say("Projection"), _projection(view.projection, catalogue))
    if view.model is not None:
        parts += _section(catalogue.say("Model"), model_rows(view.model, catalogue))
    if view.sources:
        parts += _section(catalogue.say("Sources"), _sources(view.sources, catalogue))
    if view.dead_letters:
        parts += _section(catalogue.say("Dead letters"), _letters(view, catalogue))
    return Group(*parts)


def _section(title: str, content: RenderableType) -> list[RenderableType]:
    return [Text(), heading(title), indented(content)]


def _log(view: Status, catalogue: Catalogue, zone: ZoneInfo) -> Table:
    log, none = view.log, catalogue.say("none yet")
    now = none if log.now is None else catalogue.time(log.now, zone)
    written = none if log.written is None else catalogue.time(log.written, zone)
    clock = catalogue.joined([now, clock_words(log.clock_mode, catalogue)])
    return label_rows(
        [
            *_place(view, catalogue),
            (catalogue.say("Log id"), log.log_id),
            (catalogue.say("Time zone"), log.business_timezone),
            (catalogue.say("Currency"), log.currency),
            (catalogue.say("Now"), clock),
            (catalogue.say("Days"), _days(log, catalogue)),
            (catalogue.say("Facts"), catalogue.number(log.facts)),
            (catalogue.say("Customers"), catalogue.number(log.customers)),
            (catalogue.say("Last written"), written),
        ]
    )


def _place(view: Status, catalogue: Catalogue) -> list[tuple[str, str]]:
    if view.archive_behind is not None:
        behind = catalogue.say_plural(
            "{number} record behind Kafka", "{number} records behind Kafka", view.archive_behind
        )
        return [(catalogue.say("Servers"), view.folder), (catalogue.say("Archive"), behind)]
    held_by = _holder(view.holder, catalogue)
    rows = [(catalogue.say("Folder"), view.folder), (catalogue.say("Held by"), held_by)]
    if view.holder is not None and view.holder.console is not None:
        rows.append((catalogue.say("Console"), view.holder.console))
    return rows


def _holder(holder: Holder | None, catalogue: Catalogue) -> str:
    if holder is None:
        return catalogue.say("nobody")
    if holder.pid is None:
        return catalogue.say("nobody, or another user's process")
    pid = str(holder.pid)
    if holder.url is None:
        return catalogue.say("process {pid}", pid=pid)
    return catalogue.say("process {pid}, serving at {url}", pid=pid, url=holder.url)


def _days(log: LogStatus, catalogue: Catalogue) -> str:
    if log.days.first_day is None or log.days.open_day is None:
        return catalogue.say("none yet")
    return catalogue.say(
        "{number} opened, {first} to {last}",
        number=log.days.days_opened,
        first=log.days.first_day,
        last=log.days.open_day,
    )


def _projection(projection: ProjectionStatus, catalogue: Catalogue) -> Table:
    none = catalogue.say("none yet")
    open_day = none if projection.open_day is None else catalogue.date(projection.open_day)
    release = catalogue.say("release {release}", release=projection.fingerprint[:12])
    behind = catalogue.say_plural(
        "offset {offset}, {number} record behind the log",
        "offset {offset}, {number} records behind the log",
        projection.records_behind,
        offset=projection.offset,
    )
    rows: list[tuple[str, Text | str]] = [
        (catalogue.say("Name"), catalogue.joined([projection.name, release])),
        (catalogue.say("Position"), behind),
        (catalogue.say("Open day"), open_day),
        (catalogue.say("Emitting"), projection.emission),
        (catalogue.say("Customers"), catalogue.number(projection.customers)),
        (catalogue.say("Standing signals"), catalogue.number(projection.standing_signals)),
        (catalogue.say("In quarantine"), catalogue.number(len(projection.quarantined))),
    ]
    rows += [
        ("", escaped(f"{held.customer_id} @ {held.offset}: {held.error}"))
        for held in projection.quarantined
    ]
    return label_rows(rows)


def _sources(sources: tuple[SourceTally, ...], catalogue: Catalogue) -> Table:
    made = table(
        catalogue.say("Source"),
        catalogue.say("Accepted"),
        catalogue.say("Duplicate"),
        catalogue.say("Late"),
        catalogue.say("Refused"),
        right=(1, 2, 3),
    )
    for tally in sources:
        refused = [f"{reason} {catalogue.number(n)}" for reason, n in tally.refused.items()]
        add_row(
            made,
            tally.source or catalogue.say("not readable"),
            catalogue.number(tally.accepted),
            catalogue.number(tally.duplicate),
            catalogue.number(tally.late),
            catalogue.joined(refused) or "0",
        )
    return made


def _letters(view: Status, catalogue: Catalogue) -> RenderableType:
    return label_rows(
        [(reason, catalogue.number(number)) for reason, number in view.dead_letters.items()]
    )
