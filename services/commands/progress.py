"""Progress bars on standard error: one a stage, with rate and time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from infra.messages.catalogue import Catalogue
from services.steps import Step


class StageBars:
    """One bar a stage, made when the stage is first heard of."""

    def __init__(self, progress: Progress, names: dict[str, str]) -> None:
        self._progress = progress
        self._names = names
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        """Move the bar of a stage."""
        if step.stage not in self._tasks:
            name = self._names.get(step.stage, step.stage)
            self._tasks[step.stage] = self._progress.add_task(name, total=step.total, rate="")
        task = self._tasks[step.stage]
        speed = next(entry for entry in self._progress.tasks if entry.id == task).speed
        rate = "" if speed is None else f"{speed:,.0f}/s"
        self._progress.update(task, completed=step.done, total=step.total, rate=rate)


@contextmanager
def stage_bars(catalogue: Catalogue) -> Iterator[StageBars]:
    """Show bars for as long as the work lasts."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield StageBars(progress, _stage_names(catalogue))


def _stage_names(catalogue: Catalogue) -> dict[str, str]:
    return {
        "reading": catalogue.say("reading (bytes)"),
        "grouping": catalogue.say("grouping"),
        "appending": catalogue.say("appending"),
        "folding": catalogue.say("folding"),
        "rebuilding": catalogue.say("rebuilding"),
        "facts": catalogue.say("checking records"),
        "customers": catalogue.say("folding customers anew"),
        "models": catalogue.say("learning models anew"),
        "copying": catalogue.say("copying"),
        "checking": catalogue.say("checking (bytes)"),
        "restoring": catalogue.say("restoring"),
    }
