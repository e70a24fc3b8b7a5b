"""The words for where a customer stands: its value segment and the stage of its life."""

from events.profiles import LifeCycle, LifeStage
from events.signals import ValueSegment
from infra.messages.catalogue import Catalogue
from services.ops.rendering.figure_words import share_words


def segment_words(segment: ValueSegment | None, catalogue: Catalogue) -> str:
    """Return a value segment; None is one that the firm's own cut points do not tell yet."""
    words = {
        None: catalogue.say("not told yet"),
        ValueSegment.HIGH: catalogue.say("high value"),
        ValueSegment.MEDIUM: catalogue.say("medium value"),
        ValueSegment.LOW: catalogue.say("low value"),
    }
    return words[segment]


def value_words(
    segment: ValueSegment | None, life_cycle: LifeCycle | None, catalogue: Catalogue
) -> str:
    """Return a value segment with the mark of a small customer who is rising."""
    said = segment_words(segment, catalogue)
    if life_cycle is None or not life_cycle.potential_high_value:
        return said
    return catalogue.joined([said, catalogue.say("potential high value")])


def stage_words(life_cycle: LifeCycle, catalogue: Catalogue) -> str:
    """Return a stage with what it is told by: "declining, spend a day 40 % below the half-year's"."""
    parts = [stage_name(life_cycle.stage, catalogue)]
    if life_cycle.stage in {LifeStage.DORMANT, LifeStage.GONE}:
        silence = catalogue.say_plural(
            "no order for {number} day", "no order for {number} days", life_cycle.days_since_order
        )
        parts.append(silence)
    elif life_cycle.trend is not None and life_cycle.stage is not LifeStage.NEW:
        parts.append(trend_words(life_cycle.trend, catalogue))
    return catalogue.joined(parts)


def stage_name(stage: LifeStage, catalogue: Catalogue) -> str:
    """Return what a stage is called."""
    words = {
        LifeStage.NEW: catalogue.say("new"),
        LifeStage.GROWING: catalogue.say("growing"),
        LifeStage.STEADY: catalogue.say("steady"),
        LifeStage.DECLINING: catalogue.say("declining"),
        LifeStage.DORMANT: catalogue.say("dormant"),
        LifeStage.GONE: catalogue.say("gone"),
    }
    return words[stage]


def trend_words(trend: float, catalogue: Catalogue) -> str:
    """Return how the spend a day of the last quarter compares with the half-year's."""
    if round(trend * 100) == 0:
        return catalogue.say("spend a day as in the half-year")
    share = share_words(abs(trend), catalogue)
    if trend < 0:
        return catalogue.say("spend a day {share} below the half-year's", share=share)
    return catalogue.say("spend a day {share} above the half-year's", share=share)
