"""The model in use on the screen, and what is wrong with it."""

from rich.table import Table

from infra.messages.catalogue import Catalogue
from services.ops.model_status import ModelStatus
from services.ops.rendering.grids import label_rows

DAYS_OF_PATIENCE = 14
"""Every customer's turn comes once a week: after two without anything new something is wrong."""


def model_rows(model: ModelStatus, catalogue: Catalogue) -> Table:
    """Return name, labels and quality of a model, one pair a row."""
    none = catalogue.say("none yet")
    decided, loss = catalogue.say("the start model"), none
    if model.decided_for is not None:
        decided = catalogue.say("decided for {day}", day=model.decided_for)
    if model.log_loss is not None:
        loss = catalogue.say("{loss} nats", loss=catalogue.number(model.log_loss, 4))
    return label_rows(
        [
            (catalogue.say("Name"), catalogue.joined([model.name, decided])),
            (catalogue.say("Labels"), catalogue.number(model.labels)),
            (catalogue.say("Last label"), _last_label(model, catalogue)),
            (catalogue.say("Live log loss"), loss),
        ]
    )


def model_alarms(model: ModelStatus, catalogue: Catalogue) -> list[str]:
    """Return one sentence for each thing that is not as it should be."""
    found = []
    if model.refused is not None:
        found.append(
            catalogue.say(
                "The model learned for {day} was not taken ({reason}): the one before it stays.",
                day=model.refused.day,
                reason=model.refused.reason,
            )
        )
    if model.oldest_unclosed is not None:
        found.append(
            catalogue.say("{day} is not folded to its end yet.", day=model.oldest_unclosed)
        )
    if (model.age or 0) > DAYS_OF_PATIENCE:
        found.append(catalogue.say("No new model was decided for {number} days.", number=model.age))
    if (model.label_age or 0) > DAYS_OF_PATIENCE:
        found.append(
            catalogue.say("No label has matured for {number} days.", number=model.label_age)
        )
    return found


def _last_label(model: ModelStatus, catalogue: Catalogue) -> str:
    if model.last_label_day is None or model.label_age is None:
        return catalogue.say("none yet")
    return catalogue.say_plural(
        "of {day}, matured {number} day ago",
        "of {day}, matured {number} days ago",
        model.label_age,
        day=model.last_label_day,
    )
