"""What a verification found, in words."""

from typing import assert_never

from rich.console import Group, RenderableType

from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import heading, indented, label_rows
from services.ops.rendering.safe import plain
from services.ops.verify.report import Report, Unchecked


def report_words(report: Report, catalogue: Catalogue) -> RenderableType:
    """Return counts, the first differences, and whether all is as it must be."""
    counts = report.counts
    rows = [
        (catalogue.say("facts"), counts.facts),
        (catalogue.say("marks"), counts.marks),
        (catalogue.say("control records"), counts.control_records),
        (catalogue.say("customers folded anew"), counts.customers),
        (catalogue.say("outputs compared"), counts.outputs),
        (catalogue.say("customers in quarantine"), counts.quarantined),
    ]
    if report.desk is not None:
        rows += [
            (catalogue.say("events of the desk folded anew"), report.desk.events),
            (catalogue.say("tasks"), report.desk.tasks),
            (catalogue.say("decisions on signals"), report.desk.decisions),
            (catalogue.say("records of crm.tasks compared"), report.desk.published),
        ]
    if report.relearned is not None:
        rows += [
            (catalogue.say("models learned anew"), report.relearned.decisions),
            (catalogue.say("days passed over live"), report.relearned.passed_over),
        ]
    table = label_rows([(label, plain(catalogue.number(number))) for label, number in rows])
    parts: list[RenderableType] = [indented(table), indented(plain(_pinned(report, catalogue)))]
    parts += [indented(plain(_unchecked(what, catalogue))) for what in report.unchecked]
    if report.found:
        verdict = catalogue.say_plural(
            "{number} row differs:", "{number} rows differ:", report.found
        )
        parts.append(heading(verdict))
        parts += [
            indented(plain(f"{entry.kind.value}: {entry.row}: {entry.detail}"))
            for entry in report.differences
        ]
    else:
        parts.append(heading(catalogue.say("Everything stored is what the log folds to.")))
    return Group(heading(catalogue.say("Verification")), *parts)


def _pinned(report: Report, catalogue: Catalogue) -> str:
    if report.partitions == 1:
        return catalogue.say(
            "Pinned at offset {position} of {end}.", position=report.position, end=report.end
        )
    return catalogue.say(
        "Pinned at {position} of {end}, added up over {partitions} partitions.",
        position=report.position,
        end=report.end,
        partitions=report.partitions,
    )


def _unchecked(what: Unchecked, catalogue: Catalogue) -> str:
    match what:
        case Unchecked.CLAIMS:
            return catalogue.say(
                "Not checked: claims. They stand in Redis, and for a few days only."
            )
        case Unchecked.GAPS:
            return catalogue.say(
                "Not checked: gaps in the offsets, which Kafka leaves by itself. The records were"
                " counted instead."
            )
        case _ as never:
            assert_never(never)
