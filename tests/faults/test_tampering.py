"""Whatever is changed behind the product's back, `holdfast verify` fails and names the row."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import RunHere
from tests.faults.folders import change, flipped, log_file, projection_file, rows

SEED = 17850
FLIPS = range(4)


def spoil_byte(path: Path, table: str, key: str, column: str, flip: int) -> object:
    """Flip one bit of one byte of a column, row and byte from a seed; return the row's key."""
    chance = random.Random(f"{SEED} {table} {column} {flip}")
    found = rows(path, f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1")
    row, data = found[chance.randrange(len(found))]
    assert isinstance(data, bytes)
    spoiled = flipped(data, chance.randrange(len(data)))
    change(path, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (spoiled, row))
    return row


def assert_names(run_here: RunHere, data: Path, *words: str) -> None:
    """Verification fails, and its report holds all these words."""
    ended = run_here("verify", "--data", data, "--json")
    assert ended.code == 1, ended
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.out, (word, ended.out)


def test_an_untouched_folder_verifies(imported: Path, run_here: RunHere) -> None:
    ended = run_here("verify", "--data", imported)

    assert ended.code == 0, ended
    assert len(ended.digest) == 64


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_state(imported: Path, run_here: RunHere, flip: int) -> None:
    customer = spoil_byte(projection_file(imported), "states", "customer_id", "data", flip)

    assert_names(run_here, imported, "state", f"customer {customer}")


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_signal(imported: Path, run_here: RunHere, flip: int) -> None:
    sequence = spoil_byte(log_file(imported), "signals", "sequence", "data", flip)

    assert_names(run_here, imported, "output", f"crm.signals sequence {sequence:019d}")


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_fact(imported: Path, run_here: RunHere, flip: int) -> None:
    offset = spoil_byte(log_file(imported), "facts", "offset", "data", flip)

    assert_names(run_here, imported, "fact", f"crm.facts offset {offset}")


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_control_record(imported: Path, run_here: RunHere, flip: int) -> None:
    offset = spoil_byte(log_file(imported), "control", "offset", "data", flip)

    assert_names(run_here, imported, "control", f"crm.control offset {offset}")


@pytest.mark.parametrize("kind", ["log.created", "projection.created", "clock.mode-set"])
@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_what_a_log_begins_with(
    imported: Path, run_here: RunHere, kind: str, flip: int
) -> None:
    query = "SELECT offset, data FROM control WHERE type = ?"
    ((offset, data),) = rows(log_file(imported), query, f"crm.{kind}.v1")
    position = random.Random(f"{SEED} {kind} {flip}").randrange(len(data))
    statement = "UPDATE control SET data = ? WHERE offset = ?"
    change(log_file(imported), statement, (flipped(data, position), offset))

    assert_names(run_here, imported, "control", f"crm.control offset {offset}", '"digest":"none"')


@pytest.mark.parametrize("column", ["type", "appended"])
def test_any_other_column_of_a_control_record(
    imported: Path, run_here: RunHere, column: str
) -> None:
    (value,) = rows(log_file(imported), f"SELECT {column} FROM control WHERE offset = 9")[0]
    changed = FACT_COLUMNS[column](value)
    change(log_file(imported), f"UPDATE control SET {column} = ? WHERE offset = 9", (changed,))

    assert_names(run_here, imported, "control", "crm.control offset 9")


@pytest.mark.parametrize("flip", range(8))
def test_one_byte_of_a_mark(imported: Path, run_here: RunHere, flip: int) -> None:
    chance = random.Random(f"{SEED} mark {flip}")
    query = "SELECT offset, data FROM facts WHERE customer_id IS NULL"
    offset, data = chance.choice(rows(log_file(imported), query))
    spoiled = flipped(data, chance.randrange(len(data)))
    change(log_file(imported), "UPDATE facts SET data = ? WHERE offset = ?", (spoiled, offset))

    assert_names(run_here, imported, "fact", f"crm.facts offset {offset}")


@pytest.mark.parametrize("flip", FLIPS)
def test_one_byte_of_a_claim(imported: Path, run_here: RunHere, flip: int) -> None:
    spoil_byte(log_file(imported), "claims", "claim", "body", flip)

    assert_names(run_here, imported, "claim", "the claim stands for another body of crm.")


Change = Callable[[object], object]
FACT_COLUMNS: dict[str, Change] = {
    "type": lambda name: f"{name[:-1]}{int(name[-1]) % 2 + 1}",
    "customer_id": lambda name: name[:-1] + ("0" if name[-1] != "0" else "1"),
    "source": lambda name: name + "x",
    "id": lambda name: name + "x",
    "time": lambda time: time + 1,
    "day": lambda day: day + 1,
    "appended": lambda time: time - 1,
    "digest": lambda digest: flipped(digest, 0),
}


@pytest.mark.parametrize("column", FACT_COLUMNS)
def test_any_other_column_of_a_fact(imported: Path, run_here: RunHere, column: str) -> None:
    query = f"SELECT offset, {column} FROM facts WHERE customer_id IS NOT NULL"
    offset, value = rows(log_file(imported), query)[SEED % 100]
    statement = f"UPDATE facts SET {column} = ? WHERE offset = ?"
    change(log_file(imported), statement, (FACT_COLUMNS[column](value), offset))

    assert_names(run_here, imported, "fact", f"crm.facts offset {offset}")


SIGNAL_COLUMNS: dict[str, Change] = {
    "sequence": lambda sequence: sequence + (1 << 25),
    "type": lambda name: name.replace("raised", "cleared"),
    "day": lambda day: day + 1,
    "emission": lambda _: "live",
}


@pytest.mark.parametrize("column", SIGNAL_COLUMNS)
def test_any_other_column_of_a_signal(imported: Path, run_here: RunHere, column: str) -> None:
    query = f"SELECT offset, customer_id, {column} FROM signals WHERE type LIKE '%raised%'"
    offset, customer, value = rows(log_file(imported), query)[0]
    statement = f"UPDATE signals SET {column} = ? WHERE offset = ?"
    change(log_file(imported), statement, (SIGNAL_COLUMNS[column](value), offset))

    assert_names(run_here, imported, "output", f"customer {customer}")


def test_a_signal_given_to_another_customer(imported: Path, run_here: RunHere) -> None:
    (first, owner), *others = rows(
        log_file(imported), "SELECT offset, customer_id FROM signals WHERE customer_id IS NOT NULL"
    )
    other = next(customer for _, customer in others if customer != owner)
    statement = "UPDATE signals SET customer_id = ? WHERE offset = ?"
    change(log_file(imported), statement, (other, first))

    assert_names(run_here, imported, "output", f"customer {owner}", f"customer {other}")


@pytest.mark.parametrize("column", ["due_day", "standing"])
def test_what_a_state_is_found_by(imported: Path, run_here: RunHere, column: str) -> None:
    query = f"SELECT customer_id, {column} FROM states WHERE {column} IS NOT NULL"
    customer, value = rows(projection_file(imported), query)[0]
    statement = f"UPDATE states SET {column} = ? WHERE customer_id = ?"
    change(projection_file(imported), statement, (1 - value, customer))

    assert_names(run_here, imported, "state", f"customer {customer}")


def test_a_fact_that_is_gone(imported: Path, run_here: RunHere) -> None:
    offset, name = rows(log_file(imported), "SELECT offset, id FROM facts WHERE id LIKE 'order%'")[
        5
    ]
    change(log_file(imported), "DELETE FROM facts WHERE offset = ?", (offset,))

    assert name.startswith("order")
    assert_names(run_here, imported, f"offsets {offset} to {offset} are missing", "claims")


def test_two_facts_with_their_data_swapped(imported: Path, run_here: RunHere) -> None:
    query = "SELECT offset, data FROM facts WHERE type = 'crm.order.placed.v1'"
    (one, first), (other, second), *_ = rows(log_file(imported), query)
    statement = "UPDATE facts SET data = ? WHERE offset = ?"
    change(log_file(imported), statement, (second, one))
    change(log_file(imported), statement, (first, other))

    assert_names(run_here, imported, f"crm.facts offset {one}", f"crm.facts offset {other}")


def test_two_marks_swapped(imported: Path, run_here: RunHere) -> None:
    query = "SELECT offset FROM facts WHERE type = 'crm.day.opened.v2'"
    (one,), (other,), *_ = rows(log_file(imported), query)
    statement = "UPDATE facts SET offset = ? WHERE offset = ?"
    for new, old in ((-5, one), (one, other), (other, -5)):
        change(log_file(imported), statement, (new, old))

    assert_names(run_here, imported, f"crm.facts offset {one}", f"crm.facts offset {other}")


def test_a_claim_that_is_gone(imported: Path, run_here: RunHere) -> None:
    (claim,) = rows(log_file(imported), "SELECT claim FROM claims ORDER BY 1")[3]
    change(log_file(imported), "DELETE FROM claims WHERE claim = ?", (claim,))

    assert_names(run_here, imported, "claim of crm.facts offset", "no claim stands for crm.")


def test_a_claim_without_a_fact(imported: Path, run_here: RunHere) -> None:
    change(log_file(imported), "INSERT INTO claims VALUES (?, ?)", (b"c" * 16, b"b" * 16))

    assert_names(run_here, imported, "claims")


@pytest.mark.parametrize("table", ["states"])
def test_a_state_that_is_gone(imported: Path, run_here: RunHere, table: str) -> None:
    (customer,) = rows(projection_file(imported), f"SELECT customer_id FROM {table}")[2]
    change(projection_file(imported), f"DELETE FROM {table} WHERE customer_id = ?", (customer,))

    assert_names(run_here, imported, f"customer {customer}", "knows nothing of this customer")


def test_a_signal_that_is_gone(imported: Path, run_here: RunHere) -> None:
    query = "SELECT offset, customer_id FROM signals WHERE customer_id IS NOT NULL"
    offset, customer = rows(log_file(imported), query)[1]
    change(log_file(imported), "DELETE FROM signals WHERE offset = ?", (offset,))

    assert_names(run_here, imported, "output", f"customer {customer}")


def test_a_signal_that_was_never_said(imported: Path, run_here: RunHere) -> None:
    columns = "projection, partition, type, customer_id, day, emission, appended, data"
    statement = (
        f"INSERT INTO signals (sequence, {columns}) SELECT sequence + 1, {columns} FROM signals"
        " WHERE offset = ?"
    )
    query = "SELECT offset, customer_id FROM signals WHERE type LIKE '%raised%'"
    offset, customer = rows(log_file(imported), query)[0]
    change(log_file(imported), statement, (offset,))

    assert_names(run_here, imported, "output", f"customer {customer}")
