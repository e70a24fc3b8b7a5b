"""Which model a runner scores by: it waits for a day's decision before it folds that day's mark."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from domain.detection.day_model import START, DayModel, ModelHistory
from events.calendar import date_of
from infra.log.head import LogHead


class DayModels(Protocol):
    """Answers which model scores on a day, once that is decided."""

    async def of(self, day: int) -> DayModel:
        """Return the model of a day; wait where it is not decided yet.

        Raises `LearnerStoppedError` where it never will be.
        """
        ...

    def decided(self, day: int) -> DayModel | None:
        """Return the model of a day where it is decided; None where `of` would wait."""
        ...


class StartModels:
    """The models of a projection that does not learn: the start model, every day."""

    async def of(self, day: int) -> DayModel:
        """Return the start model."""
        return START

    def decided(self, day: int) -> DayModel | None:
        """Return the start model."""
        return START


class LearnerStoppedError(Exception):
    """The learner cannot go on; the message says why and how to mend it."""


class ModelUndecidedError(LearnerStoppedError):
    """A day's model is not decided, and nobody is about to decide it."""


class DecidedModels:
    """The models of a projection that learns, as ``crm.control`` decides them.

    ``decide_next`` lets the learner decide one more day; it returns False where it has nothing to
    go on. On the first day of the log nothing can have been learned: it takes the start model.
    """

    def __init__(
        self,
        projection: str,
        head: Callable[[], LogHead | None],
        decide_next: Callable[[], Awaitable[bool]],
    ) -> None:
        self._projection = projection
        self._head = head
        self._decide_next = decide_next
        self._known: tuple[int, ModelHistory] | None = None

    async def of(self, day: int) -> DayModel:
        """Return the model of a day, letting the learner go on until it is decided.

        Raises `ModelUndecidedError`, or what else stopped the learner, where it cannot.
        """
        while not self._is_decided(day):
            if not await self._decide_next():
                raise ModelUndecidedError(
                    f"projection {self._projection}: the model of {date_of(day)} is not decided, and"
                    " the snapshots that the learner would decide it by are not there; `holdfast"
                    " rebuild` writes and learns them anew"
                )
        return self._history().of(day)

    def decided(self, day: int) -> DayModel | None:
        """Return the model of a day where it is decided."""
        return self._history().of(day) if self._is_decided(day) else None

    def _is_decided(self, day: int) -> bool:
        head = self._head()
        if head is None or head.first_day is None or day <= head.first_day:
            return True
        up_to = head.decided_up_to(self._projection)
        return up_to is not None and day <= up_to

    def _history(self) -> ModelHistory:
        """Return all decisions, made ready anew where one was added."""
        head = self._head()
        decisions = () if head is None else head.decisions.get(self._projection, ())
        if self._known is None or self._known[0] != len(decisions):
            self._known = (len(decisions), ModelHistory(decisions))
        return self._known[1]


def model_history(head: LogHead, projection: str) -> ModelHistory:
    """Return the models by which a projection scores."""
    return ModelHistory(head.decisions.get(projection, ()))
