"""How good the scores were, on the screen: beside rules of thumb, by tenths, by parts."""

from rich.console import Group, RenderableType
from rich.text import Text

from domain.learning.quality.figures import Figures
from domain.learning.quality.report import ENOUGH_LABELS, QualityReport
from infra.messages.catalogue import Catalogue
from services.ops.rendering.grids import add_row, heading, indented, table
from services.ops.rendering.quality_parts import parts
from services.ops.rendering.quality_words import rounded, share
from services.ops.rendering.safe import plain

BAR_COLUMNS = 40

FigureRow = tuple[str, float | None, float | None, float | None]


def render_quality(report: QualityReport, catalogue: Catalogue) -> RenderableType:
    """Return all of it; only what is missing and when it comes, where no label counts yet."""
    lines: list[RenderableType] = [plain(_as_of(report, catalogue), "dim")]
    lines += [plain(f"! {warning}", "yellow") for warning in warnings(report, catalogue)]
    if not report.all_ticks.all.labels:
        return Group(*lines)
    headline = report.second_half.active
    return Group(
        *lines,
        Text(),
        heading(catalogue.say("Active customers, second half of the weeks")),
        indented(_headline(headline, catalogue)),
        Text(),
        heading(catalogue.say("What was said and what came, by tenths of the probability")),
        indented(_calibration(headline, catalogue)),
        *parts(report, catalogue),
    )


def _as_of(report: QualityReport, catalogue: Catalogue) -> str:
    day, labels = catalogue.say("as of {day}", day=report.as_of), report.labels
    if labels.oldest_day is None or labels.newest_day is None:
        return day
    known = catalogue.say_plural(
        "{number} label, of snapshots from {oldest} to {newest}",
        "{number} labels, of snapshots from {oldest} to {newest}",
        labels.released,
        oldest=labels.oldest_day,
        newest=labels.newest_day,
    )
    waiting = catalogue.say("{number} snapshots wait for theirs", number=labels.waiting)
    return catalogue.joined([day, known, waiting])


def warnings(report: QualityReport, catalogue: Catalogue) -> list[str]:
    """Return why not to trust the figures, or why there are none."""
    said, counted = [], report.all_ticks.active.labels
    if report.labels.missing:
        said.append(
            catalogue.say_plural(
                "{number} snapshot has no label, as its customer was not looked at again",
                "{number} snapshots have no label, as their customers were not looked at again",
                report.labels.missing,
            )
        )
    if report.first_figure_on is None:
        said.append(catalogue.say("Nobody was scored yet, so there is nothing to measure."))
    elif not report.all_ticks.all.labels:
        day = report.first_figure_on
        said.append(catalogue.say("No label counts yet: the first comes on {day}.", day=day))
    elif counted < ENOUGH_LABELS:
        said.append(
            catalogue.say_plural(
                "Only {number} label of an active customer counts so far: below {enough} the figures are hints.",
                "Only {number} labels of active customers count so far: below {enough} the figures are hints.",
                counted,
                enough=ENOUGH_LABELS,
            )
        )
    return said


def _headline(figures: Figures, catalogue: Catalogue) -> RenderableType:
    made = table(
        catalogue.say("Figure"),
        catalogue.say("Scores"),
        catalogue.say("Silence in gaps"),
        catalogue.say("Few purchases lately"),
        right=(1, 2, 3),
    )
    for name, *values in headline_rows(figures, catalogue):
        add_row(made, name, *(rounded(value, catalogue) for value in values))
    return made


def headline_rows(figures: Figures, catalogue: Catalogue) -> list[FigureRow]:
    """Return each figure by its name: of the scores, of silence in gaps, of few purchases lately."""
    silence, few = figures.baselines.recency_over_gap, figures.baselines.decayed_purchase_days
    return [
        (catalogue.say("area under the curve"), figures.auc, silence.auc, few.auc),
        (
            catalogue.say("average precision"),
            figures.average_precision,
            silence.average_precision,
            few.average_precision,
        ),
        (
            catalogue.say("precision in the top tenth"),
            figures.precision_top_tenth,
            silence.precision_top_tenth,
            few.precision_top_tenth,
        ),
        (
            catalogue.say("lost spend in the top tenth"),
            figures.lost_spend_top_tenth,
            silence.lost_spend_top_tenth,
            few.lost_spend_top_tenth,
        ),
        (
            catalogue.say("the same, not knowing the stake"),
            figures.lost_spend_top_tenth_by_probability_alone,
            silence.lost_spend_top_tenth_by_score_alone,
            few.lost_spend_top_tenth_by_score_alone,
        ),
        (catalogue.say("lost stake in the top tenth"), figures.lost_stake_top_tenth, None, None),
        (catalogue.say("share that churned"), figures.base_rate, None, None),
        (catalogue.say("log loss"), figures.log_loss, None, None),
        (catalogue.say("Brier score"), figures.brier, None, None),
        (catalogue.say("calibration error (ECE)"), figures.ece, None, None),
    ]


def _calibration(figures: Figures, catalogue: Catalogue) -> RenderableType:
    if not figures.calibration:
        return plain(catalogue.say("Fewer than ten labels have no tenths."), "dim")
    made = table(
        catalogue.say("Said"),
        catalogue.say("Came"),
        catalogue.say("▏ marks what was said"),
        right=(0, 1),
    )
    for tenth in figures.calibration:
        add_row(
            made,
            share(tenth.predicted, catalogue),
            share(tenth.churned, catalogue),
            bar(tenth.churned, tenth.predicted),
        )
    return made


def bar(came: float, said: float) -> str:
    """Return a bar as long as a share, with a mark where another one ends; both from 0 to 1.

    >>> bar(0.25, 0.5), bar(0.5, 0.25)
    ('██████████          ▏', '██████████▏█████████')
    """
    length, mark = round(came * BAR_COLUMNS), round(said * BAR_COLUMNS)
    drawn = ("█" * length).ljust(mark + 1)
    return drawn[:mark] + "▏" + drawn[mark + 1 :]
