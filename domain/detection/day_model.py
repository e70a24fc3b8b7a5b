"""The model of a day, ready for scoring, and which model that is."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from domain.detection.churn_recipe import START_MODEL
from domain.learning.model import version_of
from domain.learning.scoring import Scorer
from events.calendar import day_number
from events.control import ModelDecided
from events.models import ChurnModel

LEAST_SNAPSHOTS = 400
"""A model that has seen fewer does not know yet what is usual: nothing is said by it."""

LABELS_FOR_PERCENTAGES = 500
"""Until so many labels have matured a probability would promise more than is known."""


class DayModel:
    """A model with its version, which names it, and its scorer. Made once a model; it never changes."""

    __slots__ = ("model", "scorer", "version")

    def __init__(self, model: ChurnModel) -> None:
        self.model = model
        self.version = version_of(model)
        self.scorer = Scorer(model.scorer)

    @property
    def is_taught(self) -> bool:
        """Tell whether enough was seen for scores to be shown and risks to be raised."""
        return self.model.snapshots >= LEAST_SNAPSHOTS

    @property
    def says_percentages(self) -> bool:
        """Tell whether enough labels have matured to say probabilities."""
        return self.model.labels >= LABELS_FOR_PERCENTAGES


START = DayModel(START_MODEL)

_made_ready = lru_cache(maxsize=64)(DayModel)


class ModelHistory:
    """Which model scores on which day: the last one decided for that day or an earlier one.

    Decisions stand in the order of their days; before the first one with a model, and where nothing
    learns, it is the start model.
    """

    def __init__(self, decisions: Sequence[ModelDecided] = ()) -> None:
        changes = [decided for decided in decisions if decided.model is not None]
        self._days = [day_number(decided.day) for decided in changes]
        self._models = [decided.model for decided in changes]

    def of(self, day: int) -> DayModel:
        """Return the model of a day."""
        place = bisect_right(self._days, day)
        model = self._models[place - 1] if place else None
        return START if model is None else _made_ready(model)


NEVER_LEARNED = ModelHistory()
