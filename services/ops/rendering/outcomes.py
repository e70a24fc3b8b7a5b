"""What to say where there is nothing to show: a closed set of outcomes, each with the way on."""

from typing import assert_never
from zoneinfo import ZoneInfo

from infra.messages.catalogue import Catalogue
from services.ops.cards import NoCard, NotFoldedYet
from services.ops.customers import AmbiguousCustomer, UnknownCustomer
from services.ops.dead_letters import NoDeadLetter
from services.ops.freshness import NothingFolded
from services.ops.rendering.freshness import nothing_folded_sentence
from services.ops.rendering.safe import escaped
from services.ops.rendering.wording import customer_name

NothingToShow = (
    NoCard | NotFoldedYet | UnknownCustomer | AmbiguousCustomer | NoDeadLetter | NothingFolded
)


def explain(outcome: NothingToShow, catalogue: Catalogue, zone: ZoneInfo) -> str:
    """Return one sentence, safe for a terminal."""
    return escaped(_sentence(outcome, catalogue, zone))


def _sentence(outcome: NothingToShow, catalogue: Catalogue, zone: ZoneInfo) -> str:
    match outcome:
        case NoCard():
            return _no_card(outcome, catalogue, zone)
        case NotFoldedYet(customer_id=customer_id, records_behind=behind):
            return catalogue.say_plural(
                "{customer} is among {number} record not folded yet: `holdfast serve` does that.",
                "{customer} is among {number} records not folded yet: `holdfast serve` does that.",
                behind,
                customer=customer_id,
            )
        case UnknownCustomer() | AmbiguousCustomer():
            return _unresolved(outcome, catalogue)
        case NoDeadLetter(text=text):
            return catalogue.say(
                "No dead letter, or more than one, has an id that begins with {text}.", text=text
            )
        case NothingFolded():
            return nothing_folded_sentence(outcome, catalogue)
        case _ as never:
            assert_never(never)


def _no_card(outcome: NoCard, catalogue: Catalogue, zone: ZoneInfo) -> str:
    if outcome.at is None:
        return catalogue.say("Nothing is known of {customer}.", customer=outcome.customer_id)
    return catalogue.say(
        "At {time} nothing was known of {customer}.",
        time=catalogue.time(outcome.at, zone),
        customer=outcome.customer_id,
    )


def _unresolved(outcome: UnknownCustomer | AmbiguousCustomer, catalogue: Catalogue) -> str:
    if isinstance(outcome, UnknownCustomer):
        return catalogue.say(
            "No customer is known as {text}: give an id, SYSTEM:KEY, or a KEY.", text=outcome.text
        )
    return catalogue.say(
        "Several customers are known as {text}: say which, {names}.",
        text=outcome.text,
        names=catalogue.joined([customer_name(ref) for ref in outcome.candidates]),
    )
