"""What an import did, or would do, in words: every line of the files accounted for."""

from rich.console import Group, RenderableType

from infra.messages.catalogue import Catalogue
from services.ingest.importing.ledger import Accounting
from services.ingest.importing.summary import DryRunReport, FactDays, ImportSummary
from services.ops.rendering.grids import heading, indented, label_rows
from services.ops.rendering.safe import plain
from services.ops.rendering.wording import fact_words


def summary_words(summary: ImportSummary, catalogue: Catalogue) -> RenderableType:
    """Return what an import did."""
    title = (
        catalogue.say("This import was finished before; nothing was changed.")
        if summary.already_finished
        else catalogue.say("Import finished.")
    )
    facts = [
        (fact_words(name, catalogue), catalogue.number(number))
        for name, number in summary.appended.items()
    ]
    facts += [
        (
            catalogue.say("{fact}, in the log already", fact=fact_words(name, catalogue)),
            catalogue.number(number),
        )
        for name, number in summary.present.items()
    ]
    return Group(heading(title), *_accounted(summary.accounting, facts, summary.days, catalogue))


def dry_run_words(planned: DryRunReport, catalogue: Catalogue) -> RenderableType:
    """Return what an import would do, with the first refusals."""
    facts = [
        (fact_words(name, catalogue), catalogue.number(number))
        for name, number in planned.facts.items()
    ]
    if planned.late:
        facts.append((catalogue.say("too late for this log"), catalogue.number(planned.late)))
    parts = _accounted(planned.accounting, facts, planned.days, catalogue)
    if planned.refusals:
        parts.append(heading(catalogue.say("First refusals")))
        parts += [
            indented(plain(f"{refused.place}: {refused.detail}; {refused.mend}"))
            for refused in planned.refusals
        ]
    return Group(heading(catalogue.say("Nothing was written. This import would do:")), *parts)


def _accounted(
    accounting: Accounting,
    facts: list[tuple[str, str]],
    days: FactDays | None,
    catalogue: Catalogue,
) -> list[RenderableType]:
    lines = [
        (catalogue.say("lines read"), catalogue.number(accounting.lines)),
        (catalogue.say("began a fact"), catalogue.number(accounting.accepted)),
        (catalogue.say("joined a fact"), catalogue.number(accounting.grouped)),
    ]
    lines += [
        (catalogue.say("skipped: {reason}", reason=reason), catalogue.number(number))
        for reason, number in accounting.skipped.items()
    ]
    lines += [
        (catalogue.say("dead letters: {reason}", reason=reason), catalogue.number(number))
        for reason, number in accounting.dead_lettered.items()
    ]
    parts: list[RenderableType] = [
        indented(label_rows([(label, plain(value)) for label, value in lines])),
        heading(catalogue.say("Facts")),
        indented(label_rows([(label, plain(value)) for label, value in facts])),
    ]
    if days is not None:
        between = catalogue.say("from {first} to {last}", first=days.first, last=days.last)
        parts.append(indented(plain(between)))
    return parts
