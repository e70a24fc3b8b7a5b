"""The figures by span, month, segment and model, a row each."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from domain.learning.quality.figures import Figures
from domain.learning.quality.report import QualityReport
from domain.learning.quality.sections import Group, Section
from events.signals import ValueSegment
from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import add_row, heading, indented, table
from services.ops.rendering.quality_words import rounded, share

MODEL_LETTERS = 12

Row = tuple[str, Figures]


def parts(report: QualityReport, catalogue: Catalogue) -> list[RenderableType]:
    """Return the tables, each with its heading."""
    models = catalogue.say_plural(
        "By model, active customers: the newest of {number}",
        "By model, active customers: the newest of {number}",
        report.models,
    )
    return [
        *_part(catalogue.say("By span"), _spans(report, catalogue), catalogue),
        *_part(catalogue.say("By month, active customers"), _months(report.by_month), catalogue),
        *_part(
            catalogue.say("By segment, active customers"),
            ((_segment_words(group.name, catalogue), group.active) for group in report.by_segment),
            catalogue,
        ),
        *_part(models, _models(report.by_model, catalogue), catalogue),
    ]


def _spans(report: QualityReport, catalogue: Catalogue) -> list[Row]:
    spans: list[tuple[str, Section]] = [
        (catalogue.say("second half"), report.second_half),
        (catalogue.say("all weeks"), report.all_ticks),
        (catalogue.say("days 28 to 126"), report.days_28_126),
    ]
    active, everybody = catalogue.say("active"), catalogue.say("all")
    return [
        row
        for name, section in spans
        for row in (
            (catalogue.joined([name, active]), section.active),
            (catalogue.joined([name, everybody]), section.all),
        )
    ]


def _months(groups: tuple[Group, ...]) -> list[Row]:
    return [(group.name or "", group.active) for group in groups]


def _models(groups: tuple[Group, ...], catalogue: Catalogue) -> list[Row]:
    return [
        (f"{catalogue.date(group.last_day)} {(group.name or '')[:MODEL_LETTERS]}", group.active)
        for group in groups
    ]


def _segment_words(segment: str | None, catalogue: Catalogue) -> str:
    words: dict[str | None, str] = {
        ValueSegment.HIGH: catalogue.say("high value"),
        ValueSegment.MEDIUM: catalogue.say("medium value"),
        ValueSegment.LOW: catalogue.say("low value"),
    }
    return words.get(segment, catalogue.say("not cut yet"))


def _part(title: str, rows: Iterable[Row], catalogue: Catalogue) -> list[RenderableType]:
    made = table(
        "",
        catalogue.say("Labels"),
        catalogue.say("Churned"),
        catalogue.say("AUC"),
        catalogue.say("Top tenth"),
        catalogue.say("ECE"),
        catalogue.say("Lost spend"),
        right=(1, 2, 3, 4, 5, 6),
        whole=(0,),
    )
    for name, figures in rows:
        add_row(
            made,
            name,
            catalogue.number(figures.labels),
            share(figures.base_rate, catalogue),
            rounded(figures.auc, catalogue),
            share(figures.precision_top_tenth, catalogue),
            rounded(figures.ece, catalogue),
            share(figures.lost_spend_top_tenth, catalogue),
        )
    return [Text(), heading(title), indented(made)]
