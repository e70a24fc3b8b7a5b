"""CUSTOMER on the command line: an id, SYSTEM:KEY, or a KEY that only one bears."""

from pathlib import Path

import pytest

from infra.folder import DataFolder
from services.ops.customers import (
    AmbiguousCustomer,
    CustomerResolution,
    ResolvedCustomer,
    UnknownCustomer,
    resolve_customer,
)
from tests.unit.ops.folders import id_of, order, read, ref, written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Two systems that both know a 17850; one customer whose key has a colon, one in Chinese."""
    return written(
        tmp_path_factory.mktemp("customers"),
        [
            order("17850", 0),
            order("17850", 1),
            order("17850", 2, system="billing"),
            order("12583", 3),
            order("a:b", 4),
            order("客户甲", 5, system="a"),
            order('quo"te\\', 6),
        ],
    )


def resolve(folder: DataFolder, text: str) -> CustomerResolution:
    return read(folder, lambda reading: resolve_customer(reading.archive, reading.head, text))


def test_an_id_is_itself(folder: DataFolder) -> None:
    assert resolve(folder, id_of("12583")) == ResolvedCustomer(id_of("12583"))


def test_an_id_may_be_written_in_capitals_and_with_blanks_around(folder: DataFolder) -> None:
    text = f" {id_of('12583').upper()} "

    assert resolve(folder, text) == ResolvedCustomer(id_of("12583"))


def test_an_id_without_facts_is_unknown(folder: DataFolder) -> None:
    assert resolve(folder, id_of("nobody")) == UnknownCustomer(id_of("nobody"))


@pytest.mark.parametrize("system", ["shop", "billing"])
def test_system_and_key_tell_namesakes_apart(folder: DataFolder, system: str) -> None:
    assert resolve(folder, f"{system}:17850") == ResolvedCustomer(id_of("17850", system))


def test_a_key_that_one_customer_bears_is_enough(folder: DataFolder) -> None:
    assert resolve(folder, "12583") == ResolvedCustomer(id_of("12583"))


def test_a_key_that_several_bear_is_refused_with_all_of_them(folder: DataFolder) -> None:
    found = resolve(folder, "17850")

    assert found == AmbiguousCustomer("17850", (ref("17850", "billing"), ref("17850", "shop")))


@pytest.mark.parametrize("text", ["a:b", "shop:a:b"])
def test_colons_in_a_key_are_no_hindrance(folder: DataFolder, text: str) -> None:
    assert resolve(folder, text) == ResolvedCustomer(id_of("a:b"))


@pytest.mark.parametrize("text", ["客户甲", "a:客户甲"])
def test_a_key_may_be_in_any_script(folder: DataFolder, text: str) -> None:
    assert resolve(folder, text) == ResolvedCustomer(id_of("客户甲", "a"))


def test_a_key_with_signs_that_json_escapes_is_found(folder: DataFolder) -> None:
    assert resolve(folder, 'quo"te\\') == ResolvedCustomer(id_of('quo"te\\'))


@pytest.mark.parametrize(
    "text", ["", ":", "shop:", ":17850", "1785", "178500", "shop", "O-12583-3"]
)
def test_nothing_else_is_a_customer(folder: DataFolder, text: str) -> None:
    assert resolve(folder, text) == UnknownCustomer(text)


@pytest.mark.parametrize("text", ["\udce4\udcf6", "a\0b", "%", "' OR 1=1 --"])
def test_broken_and_hostile_text_is_an_unknown_customer(folder: DataFolder, text: str) -> None:
    assert isinstance(resolve(folder, text), UnknownCustomer)


def test_an_empty_log_knows_nobody(tmp_path: Path) -> None:
    assert resolve(written(tmp_path, []), "17850") == UnknownCustomer("17850")
