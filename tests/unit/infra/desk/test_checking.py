"""The check of a desk finds prices that do not rest on what stands behind a task."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from events.figures import Band, ChurnFigures
from events.task_values import ProbabilitySource
from events.tasks import TaskRaised
from infra.desk.book import Book
from infra.desk.checking import DeskCheck
from infra.desk.sqlite import SqliteDesk
from tests.unit.domain.retention.given import RAISED

SCORE = ChurnFigures("m", 91, -3.0, 0.03, Band.LOW, -3.0, (), (), None)
replace = msgspec.structs.replace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteDesk]:
    opened = SqliteDesk(tmp_path / "desk.db")
    yield opened
    opened.close()


def differences(store: SqliteDesk, raised: TaskRaised) -> list[str]:
    """What is found of a desk that raised just this task, its account left out."""
    book = Book(store)
    book.say(raised)
    book.write()
    found: list[tuple[str, str]] = []
    DeskCheck(store, lambda *difference: found.append(difference)).run()
    return [detail for row, detail in found if row.startswith("task")]


def test_a_price_that_rests_on_its_evidence_is_left_alone(store: SqliteDesk) -> None:
    assert differences(store, RAISED) == []


def test_a_part_that_no_evidence_gives_is_found(store: SqliteDesk) -> None:
    (part,) = RAISED.priority.parts
    doubled = replace(part, probability=1.0)
    value = round(RAISED.priority.save_rate * part.stake) - RAISED.priority.cost
    dearer = replace(RAISED.priority, parts=(doubled,), value=value)

    assert differences(store, replace(RAISED, priority=dearer)) == [
        "its priority is not that of what stands behind it"
    ]


@pytest.mark.parametrize("source", [ProbabilitySource.POLICY, ProbabilitySource.MODEL])
def test_a_probability_that_its_score_does_not_say_is_found(
    store: SqliteDesk, source: ProbabilitySource
) -> None:
    evidence = replace(RAISED.evidence, churn=SCORE, source=source)
    (part,) = RAISED.priority.parts
    price = replace(RAISED.priority, parts=(replace(part, source=source),))

    assert differences(store, replace(RAISED, evidence=evidence, priority=price)) == [
        "a probability is not what its score says"
    ]
