"""The words for a churn score: how likely, by which reasons, in one sentence."""

from events.figures import Band, ChurnFigures, ReasonGroup, ScoreReason
from infra.messages.catalogue import Catalogue
from services.ops.rendering.figure_words import gap_words, likelihood_percent

_REASONS_SAID = 2


def likelihood(figures: ChurnFigures, catalogue: Catalogue) -> str:
    """Return how likely a customer is to leave: "71 %", or a band while too little is learned."""
    if figures.probability is not None:
        return likelihood_percent(figures.probability, catalogue)
    return catalogue.say("{band}, still learning", band=band_words(figures.band, catalogue))


def band_words(band: Band, catalogue: Catalogue) -> str:
    """Return a band of likelihood."""
    words = {
        Band.LOW: catalogue.say("low"),
        Band.ELEVATED: catalogue.say("elevated"),
        Band.HIGH: catalogue.say("high"),
    }
    return words[band]


def group_words(group: ReasonGroup, catalogue: Catalogue) -> str:
    """Return what a part of a score is made of."""
    words = {
        ReasonGroup.GAP: catalogue.say("order rhythm"),
        ReasonGroup.SPEND_TREND: catalogue.say("spend"),
        ReasonGroup.USAGE: catalogue.say("use of services"),
        ReasonGroup.COMPLAINTS: catalogue.say("complaints"),
        ReasonGroup.RETURNS: catalogue.say("returns"),
        ReasonGroup.CONTACTS: catalogue.say("contacts"),
    }
    return words[group]


def churn_sentence(figures: ChurnFigures, catalogue: Catalogue) -> str:
    """Return a risk in one sentence: how likely, and the two reasons that raise it most.

    "likely to leave (71 %): no order for 61 days, usual gap 19; little spend lately"
    """
    said = catalogue.say(
        "likely to leave ({likelihood})", likelihood=likelihood(figures, catalogue)
    )
    raising = [reason for reason in figures.reasons if reason.log_odds > 0.0][:_REASONS_SAID]
    if not raising:
        return said
    brief = [_brief(reason, catalogue) for reason in raising]
    return catalogue.say("{said}: {reasons}", said=said, reasons=clauses(brief, catalogue))


def clauses(parts: list[str], catalogue: Catalogue) -> str:
    """Return parts that hold commas themselves as one sentence."""
    joined, *rest = parts
    for part in rest:
        joined = catalogue.say("{first}; {second}", first=joined, second=part)
    return joined


def _brief(reason: ScoreReason, catalogue: Catalogue) -> str:
    """Return a reason that raises a score in a few words."""
    words = {
        ReasonGroup.GAP: _rhythm(reason, catalogue),
        ReasonGroup.SPEND_TREND: catalogue.say("little spend lately"),
        ReasonGroup.USAGE: catalogue.say("little use lately"),
        ReasonGroup.COMPLAINTS: catalogue.say("complaints"),
        ReasonGroup.RETURNS: catalogue.say("returns"),
        ReasonGroup.CONTACTS: catalogue.say("contacts"),
    }
    return words[reason.group]


def _rhythm(reason: ScoreReason, catalogue: Catalogue) -> str:
    values = {figure.figure: figure.value for figure in reason.figures}
    silent, gap = values.get("days-since-order"), values.get("usual-gap")
    if silent is None:
        return catalogue.say("order rhythm")
    if gap is None:
        return catalogue.say_plural(
            "no order for {number} day", "no order for {number} days", round(silent)
        )
    return catalogue.say_plural(
        "no order for {number} day, usual gap {gap}",
        "no order for {number} days, usual gap {gap}",
        round(silent),
        gap=gap_words(gap, catalogue),
    )
