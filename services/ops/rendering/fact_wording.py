"""What happened, said of a single fact: "call, from the customer, invoice"; never personal text."""

from events.complaints import Satisfaction, Severity
from events.interactions import Channel, Direction
from infra.messages.catalogue import Catalogue
from services.ops.fact_lines import FactLine
from services.ops.rendering.wording import fact_words


def what_happened(line: FactLine, catalogue: Catalogue) -> str:
    """Return a fact in words; the firm's own codes stand as they were sent."""
    parts = [
        fact_words(line.type, catalogue)
        if line.channel is None
        else channel_words(line.channel, catalogue)
    ]
    if line.direction is not None:
        parts.append(direction_words(line.direction, catalogue))
    parts += [code for code in (line.subject, line.outcome, line.category) if code is not None]
    if line.severity is not None:
        parts.append(severity_words(line.severity, catalogue))
    if line.resolution is not None:
        parts.append(line.resolution)
    if line.satisfaction is not None:
        parts.append(satisfaction_words(line.satisfaction, catalogue))
    return catalogue.joined(parts)


def channel_words(channel: Channel, catalogue: Catalogue) -> str:
    """Return the way on which customer and firm met."""
    words = {
        Channel.WEB: catalogue.say("web"),
        Channel.VISIT: catalogue.say("visit"),
        Channel.CALL: catalogue.say("call"),
        Channel.EMAIL: catalogue.say("email"),
        Channel.FAX: catalogue.say("fax"),
        Channel.MAIL: catalogue.say("letter"),
        Channel.SHOP: catalogue.say("in a shop"),
        Channel.FIELD: catalogue.say("field service"),
        Channel.CHAT: catalogue.say("chat"),
    }
    return words[channel]


def direction_words(direction: Direction, catalogue: Catalogue) -> str:
    """Return who sought whom."""
    words = {
        Direction.INBOUND: catalogue.say("from the customer"),
        Direction.OUTBOUND: catalogue.say("to the customer"),
    }
    return words[direction]


def severity_words(severity: Severity, catalogue: Catalogue) -> str:
    """Return how grave a complaint is."""
    words = {
        Severity.LOW: catalogue.say("low severity"),
        Severity.MEDIUM: catalogue.say("medium severity"),
        Severity.HIGH: catalogue.say("high severity"),
        Severity.CRITICAL: catalogue.say("critical"),
    }
    return words[severity]


def satisfaction_words(satisfaction: Satisfaction, catalogue: Catalogue) -> str:
    """Return what the customer thinks of a resolution."""
    words = {
        Satisfaction.SATISFIED: catalogue.say("customer satisfied"),
        Satisfaction.UNSATISFIED: catalogue.say("customer unsatisfied"),
    }
    return words[satisfaction]
