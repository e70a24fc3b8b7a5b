"""Models, and what they were learned from, changed with care: `holdfast verify --relearn` finds it.

Whoever changes a control record here computes its digest anew, so that nothing else gives it away.
"""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from events import codec
from events.catalogue import REGISTRY
from events.control import ModelDecided
from events.models import ChurnModel
from tests.faults.commands import Ended
from tests.faults.conftest import RunHere
from tests.faults.folders import change, flipped, log_file, opened, rows

SEED = 17850
FLIPS = range(3)
DECIDED = "crm.model.decided.v1"
CONTROL = "SELECT offset, type, appended, data FROM control"


def relearned(run_here: RunHere, data: Path) -> Ended:
    ended = run_here("verify", "--data", data, "--relearn", "--json")
    assert "Traceback" not in ended.err, ended
    return ended


def findings_about_models(ended: Ended) -> list[tuple[str, str]]:
    """Row and detail of each finding about models."""
    found = json.loads(ended.out.splitlines()[0])["differences"]
    return [(entry["row"], entry["detail"]) for entry in found if entry["kind"] == "model"]


def decisions(data: Path) -> list[tuple[int, ModelDecided]]:
    """Offset and content of each decision, in order."""
    found = []
    for offset, _, _, content in rows(log_file(data), f"{CONTROL} WHERE type = ?", DECIDED):
        assert isinstance(offset, int)
        assert isinstance(content, bytes)
        event = REGISTRY.decode(DECIDED, content)
        assert isinstance(event, ModelDecided)
        found.append((offset, event))
    return found


def rewrite(data: Path, offset: int, content: bytes) -> None:
    """Put another content into a control record, with the digest that belongs to it."""
    ((_, kind, appended, _),) = rows(log_file(data), f"{CONTROL} WHERE offset = ?", offset)
    digest = codec.digest_of_fields(offset, kind, appended, content)  # type: ignore[arg-type]  # as SQLite gave them
    statement = "UPDATE control SET data = ?, digest = ? WHERE offset = ?"
    change(log_file(data), statement, (content, digest, offset))


def remove(data: Path, offset: int) -> None:
    """Take a control record away and close the gap, with all digests that belong to it."""
    change(log_file(data), "DELETE FROM control WHERE offset = ?", (offset,))
    later = rows(log_file(data), f"{CONTROL} WHERE offset > ? ORDER BY offset", offset)
    with opened(log_file(data)) as connection:
        for old, kind, appended, content in later:
            assert isinstance(old, int)
            digest = codec.digest_of_fields(old - 1, kind, appended, content)  # type: ignore[arg-type]  # as SQLite gave them
            connection.execute(
                "UPDATE control SET offset = ?, digest = ? WHERE offset = ?", (old - 1, digest, old)
            )


def later_decision(data: Path) -> tuple[int, ModelDecided]:
    """A decision of the last month, when labels had matured."""
    offset, decided = decisions(data)[-20]
    assert decided.model is not None
    assert decided.model.labels > 100
    return offset, decided


def test_an_untouched_folder_is_learned_to_the_same_models(
    imported: Path, run_here: RunHere
) -> None:
    ended = relearned(run_here, imported)

    assert ended.code == 0, ended
    assert json.loads(ended.out)["relearned"] == {
        "decisions": len(decisions(imported)),
        "passed_over": 0,
    }


def test_verification_alone_learns_nothing(imported: Path, run_here: RunHere) -> None:
    ended = run_here("verify", "--data", imported, "--json")

    assert json.loads(ended.out)["relearned"] is None


def test_it_is_said_in_words_how_much_was_learned(imported: Path, run_here: RunHere) -> None:
    ended = run_here("verify", "--data", imported, "--relearn")

    assert ended.code == 0
    assert re.search(rf"models learned anew +{len(decisions(imported))}\b", ended.out)
    assert re.search(r"days passed over live +0\b", ended.out)


Tampering = Callable[[ChurnModel], ChurnModel]
TAMPERINGS: dict[str, Tampering] = {
    "a weight": lambda model: msgspec.structs.replace(
        model,
        scorer=msgspec.structs.replace(
            model.scorer, weights=(model.scorer.weights[0] - 1e-15, *model.scorer.weights[1:])
        ),
    ),
    "the intercept": lambda model: msgspec.structs.replace(
        model, scorer=msgspec.structs.replace(model.scorer, intercept=0.5)
    ),
    "labels": lambda model: msgspec.structs.replace(model, labels=model.labels + 1),
    "the loss": lambda model: msgspec.structs.replace(model, log_loss=0.1),
    "cut points": lambda model: msgspec.structs.replace(model, cut_points=None),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_changed_model_is_found_with_its_day(
    imported: Path, run_here: RunHere, tampering: str
) -> None:
    offset, decided = later_decision(imported)
    assert decided.model is not None
    changed = msgspec.structs.replace(decided, model=TAMPERINGS[tampering](decided.model))
    rewrite(imported, offset, codec.encode(changed))

    ended = relearned(run_here, imported)

    assert ended.code == 1
    ((row, detail),) = findings_about_models(ended)
    assert row == f"projection {decided.projection}, model of {decided.day}"
    assert "learned again: model" in detail


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_model_is_found_if_its_digest_was_not_computed_anew(
    imported: Path, run_here: RunHere, flip: int
) -> None:
    chance = random.Random(f"{SEED} model {flip}")
    offset, decided = chance.choice(decisions(imported))
    content = codec.encode(decided)
    spoiled = flipped(content, chance.randrange(len(content)))
    change(log_file(imported), "UPDATE control SET data = ? WHERE offset = ?", (spoiled, offset))

    ended = relearned(run_here, imported)

    assert ended.code == 1
    assert f"crm.control offset {offset}" in ended.out


@pytest.mark.parametrize("refused", [None, "clearly-worse"])
def test_a_model_that_was_taken_out_is_found(
    imported: Path, run_here: RunHere, refused: str | None
) -> None:
    offset, decided = later_decision(imported)
    emptied = msgspec.structs.replace(decided, model=None, refused=refused)
    rewrite(imported, offset, codec.encode(emptied))

    ((row, detail),) = findings_about_models(relearned(run_here, imported))

    assert row.endswith(f"model of {decided.day}")
    assert "decided: as it was" in detail


def test_a_decision_that_is_gone_is_found(imported: Path, run_here: RunHere) -> None:
    offset, decided = later_decision(imported)
    remove(imported, offset)

    ended = relearned(run_here, imported)

    assert ended.code == 1
    assert findings_about_models(ended) == [
        (f"projection {decided.projection}, model of {decided.day}", "no model was decided")
    ]


def test_a_decision_of_a_day_to_come_is_found(imported: Path, run_here: RunHere) -> None:
    offset, decided = decisions(imported)[-1]
    day = decided.day.replace(year=decided.day.year + 1)
    rewrite(imported, offset, codec.encode(msgspec.structs.replace(decided, day=day)))

    rows_found = [row for row, _ in findings_about_models(relearned(run_here, imported))]

    assert [row.rpartition(" ")[2] for row in rows_found] == [str(decided.day), str(day)]


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_snapshot_is_found(imported: Path, run_here: RunHere, flip: int) -> None:
    chance = random.Random(f"{SEED} snapshot {flip}")
    query = "SELECT sequence, data FROM snapshots WHERE customer_id IS NOT NULL"
    sequence, content = chance.choice(rows(log_file(imported), query))
    assert isinstance(content, bytes)
    spoiled = flipped(content, chance.randrange(len(content)))
    statement = "UPDATE snapshots SET data = ? WHERE sequence = ?"
    change(log_file(imported), statement, (spoiled, sequence))

    ended = relearned(run_here, imported)

    assert ended.code == 1
    assert f"crm.snapshots sequence {sequence:019d}" in ended.out


def test_what_is_learned_of_a_changed_snapshot_differs_from_its_day_on(
    imported: Path, run_here: RunHere
) -> None:
    query = "SELECT sequence, day, data FROM snapshots WHERE customer_id IS NOT NULL AND day > ?"
    _, first = decisions(imported)[200]
    days = (first.day.toordinal() - 719_163,)
    sequence, _, content = rows(log_file(imported), f"{query} ORDER BY sequence", *days)[0]
    assert isinstance(content, bytes)
    snapshot = msgspec.json.decode(content)
    snapshot["inputs"][1] += 1.0
    change(
        log_file(imported),
        "UPDATE snapshots SET data = ? WHERE sequence = ?",
        (msgspec.json.encode(snapshot), sequence),
    )

    ended = relearned(run_here, imported)

    assert "output" in ended.out
    found = findings_about_models(ended)
    assert len(found) > 10
    row, detail = found[0]
    assert row.rpartition(" ")[2] > snapshot["day"]
    assert "scorer.means[1]" in detail


def test_a_snapshot_that_is_gone_is_found(imported: Path, run_here: RunHere) -> None:
    query = "SELECT sequence FROM snapshots WHERE customer_id IS NOT NULL"
    (sequence,) = rows(log_file(imported), query)[500]
    change(log_file(imported), "DELETE FROM snapshots WHERE sequence = ?", (sequence,))

    assert findings_about_models(relearned(run_here, imported))


def test_a_closed_day_that_is_gone_ends_the_learning_and_is_named(
    imported: Path, run_here: RunHere
) -> None:
    query = "SELECT sequence FROM snapshots WHERE customer_id IS NULL"
    (sequence,) = rows(log_file(imported), query)[100]
    change(log_file(imported), "DELETE FROM snapshots WHERE sequence = ?", (sequence,))

    ((_, detail),) = findings_about_models(relearned(run_here, imported))

    assert "it cannot be learned again" in detail
    assert "was to come next, so snapshots are missing" in detail
