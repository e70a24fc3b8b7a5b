"""Which model is in use, how much it has learned and how old it is; and what is wrong with it."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from domain.detection.day_model import START, DayModel
from events.calendar import date_of
from events.control import ClockMode, ModelDecided
from infra.folder import DataFolder
from services.embedded import Engine, open_engine
from services.new_log import NewLog
from services.ops.model_status import ModelStatus, Refusal, model_status
from services.ops.reading import open_reading
from services.ops.rendering.model_status import model_alarms, model_rows
from tests.support.given import DAY, LOG
from tests.support.population import DAYS, population
from tests.support.world import StoppedClock
from tests.unit.ops.screens import CHINESE, ENGLISH, words

NEW_LOG = NewLog("UTC", "GBP", LOG.namespace, ClockMode.LOG)
LAST = DAY + DAYS - 1

HEALTHY = ModelStatus(
    name="68776c2e11abc347",
    decided_for=datetime.date(2011, 12, 9),
    age=0,
    labels=17_987,
    last_label_day=datetime.date(2011, 9, 8),
    label_age=1,
    log_loss=0.53591,
    refused=None,
    oldest_unclosed=None,
)


def in_engine(folder: DataFolder, work: Callable[[Engine], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_engine(folder, NEW_LOG, StoppedClock()) as engine:
            await work(engine)

    asyncio.run(run())


async def nothing(_: Engine) -> None:
    """Open the folder only."""


async def imported(engine: Engine) -> None:
    facts = population()
    await engine.log.begin_import("i1", len(facts))
    await engine.log.append(facts, "i1", len(facts))
    await engine.log.end_import("i1", finished=True)
    await engine.profiles.catch_up()


def status_of(folder: DataFolder) -> ModelStatus | None:
    async def read() -> ModelStatus | None:
        async with open_reading(folder) as reading:
            return model_status(reading)

    return asyncio.run(read())


def known(folder: DataFolder) -> ModelStatus:
    found = status_of(folder)
    assert found is not None
    return found


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path)
    in_engine(made, imported)
    return made


def test_the_model_in_use_is_that_of_the_open_day(folder: DataFolder) -> None:
    found = known(folder)

    assert (found.decided_for, found.age) == (date_of(LAST), 0)
    assert found.labels > 400
    assert found.last_label_day == date_of(LAST - 1 - 91), "of the last closed day"
    assert found.label_age == 1
    assert found.log_loss is not None
    assert (found.refused, found.oldest_unclosed) == (None, None)


def test_its_name_is_the_one_that_scores_are_given_by(folder: DataFolder) -> None:
    names: list[str] = []

    async def look(engine: Engine) -> None:
        assert engine.log.head is not None
        (decisions,) = engine.log.head.decisions.values()
        models = {entry.day: entry.model for entry in decisions}
        model = models[date_of(LAST)]
        assert model is not None
        names.append(DayModel(model).version)

    in_engine(folder, look)

    assert [known(folder).name] == names


def test_a_log_without_a_day_has_no_model_yet(tmp_path: Path) -> None:
    empty = DataFolder(tmp_path)
    in_engine(empty, nothing)

    assert status_of(empty) is None


def test_before_anything_is_learned_the_start_model_is_in_use(tmp_path: Path) -> None:
    new = DataFolder(tmp_path)

    async def a_day(engine: Engine) -> None:
        await engine.log.advance(DAY)
        await engine.profiles.catch_up()

    in_engine(new, a_day)

    found = known(new)
    assert (found.name, found.decided_for, found.age) == (START.version, None, None)
    assert (found.labels, found.label_age, found.log_loss) == (0, None, None)


def test_days_that_are_passed_over_make_the_model_older(folder: DataFolder) -> None:
    async def three_days(engine: Engine) -> None:
        for day in (1, 2, 3):
            await engine.log.advance(LAST + day)

    in_engine(folder, three_days)

    found = known(folder)
    assert (found.decided_for, found.age, found.label_age) == (date_of(LAST + 1), 2, 3)
    assert found.oldest_unclosed == date_of(LAST + 1), "nothing was folded since"


def test_a_refusal_is_the_last_decision(folder: DataFolder) -> None:
    async def refused(engine: Engine) -> None:
        assert engine.log.head is not None
        name = engine.log.head.projection() or ""
        day = date_of(LAST + 2)
        await engine.log.decide_model(ModelDecided(name, day, refused="clearly-worse"))

    in_engine(folder, refused)

    assert known(folder).refused == Refusal(date_of(LAST + 2), "clearly-worse")


def test_a_model_is_shown_with_its_labels_and_its_loss() -> None:
    said = words(model_rows(HEALTHY, ENGLISH), 120)

    assert "Name 68776c2e11abc347, decided for 2011-12-09" in said
    assert "Labels 17,987" in said
    assert "Last label of 2011-09-08, matured 1 day ago" in said
    assert "Live log loss 0.5359 nats" in said


def test_so_is_the_start_model() -> None:
    start = ModelStatus("cafe", None, None, 0, None, None, None, None, None)

    said = words(model_rows(start, ENGLISH), 120)

    assert "Name cafe, the start model" in said
    assert "Last label none yet" in said
    assert model_alarms(start, ENGLISH) == []


def test_a_model_is_shown_in_chinese() -> None:
    said = words(model_rows(HEALTHY, CHINESE), 120)

    assert "自 2011年12月9日 起使用" in said
    assert "0.5359 奈特" in said


def test_a_healthy_model_is_no_alarm() -> None:
    assert model_alarms(HEALTHY, ENGLISH) == []


@pytest.mark.parametrize(
    ("changes", "alarm"),
    [
        (
            {"refused": Refusal(datetime.date(2011, 12, 10), "non-finite")},
            "The model learned for 2011-12-10 was not taken (non-finite): the one before it stays.",
        ),
        (
            {"oldest_unclosed": datetime.date(2011, 12, 1)},
            "2011-12-01 is not folded to its end yet.",
        ),
        ({"age": 15}, "No new model was decided for 15 days."),
        ({"label_age": 15}, "No label has matured for 15 days."),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, object], alarm: str) -> None:
    assert model_alarms(msgspec.structs.replace(HEALTHY, **changes), ENGLISH) == [alarm]


@pytest.mark.parametrize("field", ["age", "label_age"])
def test_two_weeks_are_waited_for(field: str) -> None:
    assert model_alarms(msgspec.structs.replace(HEALTHY, **{field: 14}), ENGLISH) == []
