"""What `crm.control` says of models: which one a projection scores by, and what it was learned from."""

from events.control import ModelDecided, ProjectionCreated
from events.models import ChurnModel
from infra.messages.catalogue import Catalogue


def projection_words(created: ProjectionCreated, catalogue: Catalogue) -> str:
    """Return what a projection starts with, and whether it learns."""
    if created.start_model is None:
        return catalogue.say("projection {name}", name=created.projection)
    if created.learner is None:
        return catalogue.say(
            "projection {name} scores by model {model} and learns nothing",
            name=created.projection,
            model=created.start_model,
        )
    return catalogue.say(
        "projection {name} starts with model {model} and learns by {learner}",
        name=created.projection,
        model=created.start_model,
        learner=created.learner,
    )


def model_decided_words(decided: ModelDecided, catalogue: Catalogue) -> str:
    """Return which model holds from a day on, or why it stays as it was."""
    if decided.refused is not None:
        return catalogue.say(
            "the model of {day} stays as it was: what was learned is refused, {reason}",
            day=decided.day,
            reason=decided.refused,
        )
    if decided.model is None:
        return catalogue.say("the model of {day} stays as it was", day=decided.day)
    return catalogue.say(
        "a new model from {day}: {learned}",
        day=decided.day,
        learned=learned_words(decided.model, catalogue),
    )


def learned_words(model: ChurnModel, catalogue: Catalogue) -> str:
    """Return what a model was learned from, and how well it says beforehand what comes."""
    parts = [
        catalogue.say_plural(
            "{number} label by {recipe}",
            "{number} labels by {recipe}",
            model.labels,
            recipe=model.recipe,
        ),
        catalogue.say_plural("{number} snapshot", "{number} snapshots", model.snapshots),
    ]
    if model.last_label_day is not None:
        parts.append(catalogue.say("labels up to {day}", day=model.last_label_day))
    if model.log_loss is not None:
        loss = catalogue.number(model.log_loss, 3)
        parts.append(catalogue.say("log loss {loss}", loss=loss))
    return catalogue.joined(parts)
