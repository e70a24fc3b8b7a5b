"""Models as bytes: the canonical form, the name that follows from it, and the model to begin with."""

from domain.learning.recipe import Recipe
from events import codec
from events.models import ChurnModel, LinearScorer

VERSION_CHARACTERS = 16


def encode(model: ChurnModel) -> bytes:
    """Return the canonical bytes of a model, about 2 KB for 17 inputs."""
    return codec.encode(model)


def version_of(model: ChurnModel) -> str:
    """Return the name of a model: 16 hexadecimal digits of the digest of its canonical bytes."""
    return codec.digest(encode(model)).hex()[:VERSION_CHARACTERS]


def start_model(recipe: Recipe) -> ChurnModel:
    """Return the model of who was taught nothing yet.

    Where inputs are standardised nothing is known to be usual, so that all scales are 0 and
    everybody has log-odds of 0.
    """
    zeros = (0.0,) * len(recipe.inputs)
    return ChurnModel(
        recipe=recipe.title,
        scorer=LinearScorer(
            inputs=recipe.inputs,
            means=zeros,
            scales=zeros if recipe.standardised else (1.0,) * len(recipe.inputs),
            weights=recipe.start_weights,
            intercept=0.0,
            clip=recipe.clip,
        ),
        snapshots=0,
        labels=0,
        first_label_day=None,
        last_label_day=None,
        log_loss=None,
        cut_points=None,
    )
