"""A recipe that contradicts itself is refused with the reason; a sound one is taken as it is."""

import math

import msgspec
import pytest

from domain.learning.recipe import CONSTANT, Recipe
from events import codec


def recipe(
    inputs: tuple[str, ...] = ("recency", "spend"),
    start_weights: tuple[float, ...] = (0.4, -0.3),
    signs: tuple[int, ...] = (1, -1),
) -> Recipe:
    return Recipe("r", inputs, start_weights, signs)


def test_a_recipe_has_the_settings_that_were_measured_unless_told_otherwise() -> None:
    usual = recipe()

    assert (usual.rate, usual.initial_accumulator, usual.clip) == (0.05, 1.0, 4.0)
    assert (usual.least_variance, usual.standardised) == (1e-12, True)


@pytest.mark.parametrize(
    ("weights", "signs"),
    [((0.0, 0.0), (1, -1)), ((0.4, -0.3), (1, -1)), ((-0.4, 0.3), (0, 0)), ((-0.0, 0.0), (1, -1))],
)
def test_a_start_weight_of_its_sign_or_zero_or_without_a_sign_is_fine(
    weights: tuple[float, ...], signs: tuple[int, ...]
) -> None:
    assert recipe(start_weights=weights, signs=signs).start_weights == weights


def test_a_start_weight_against_its_sign_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"recipe r: spend starts at 0\.3, which its sign -1 forb"):
        recipe(start_weights=(0.4, 0.3))
    with pytest.raises(ValueError, match=r"recency starts at -0\.4, which its sign 1 forbids"):
        recipe(start_weights=(-0.4, -0.3))


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf])
def test_a_start_weight_is_finite(weight: float) -> None:
    with pytest.raises(ValueError, match="recency starts at"):
        recipe(start_weights=(weight, 0.0), signs=(0, 0))


@pytest.mark.parametrize("sign", [-2, 2, 7])
def test_a_sign_is_one_of_three(sign: int) -> None:
    with pytest.raises(ValueError, match=f"the sign of spend is {sign}, not -1, 0 or 1"):
        recipe(start_weights=(0.0, 0.0), signs=(0, sign))


def test_there_is_a_weight_and_a_sign_for_each_input() -> None:
    with pytest.raises(ValueError, match="it has 2 inputs, 1 start weights and 2 signs"):
        recipe(start_weights=(0.4,))
    with pytest.raises(ValueError, match="it has 2 inputs, 2 start weights and 3 signs"):
        recipe(signs=(1, -1, 0))


def test_inputs_have_names_of_their_own_and_none_is_called_as_the_constant() -> None:
    with pytest.raises(ValueError, match="two inputs have one name"):
        recipe(inputs=("spend", "spend"))
    with pytest.raises(ValueError, match="one is called"):
        recipe(inputs=("recency", CONSTANT))


@pytest.mark.parametrize("setting", ["rate", "clip", "least_variance"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_rates_are_finite_and_above_zero(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{setting} is {value}, not above 0"):
        msgspec.structs.replace(recipe(), **{setting: value})


def test_accumulators_may_start_at_zero_as_those_of_river_but_not_below() -> None:
    assert msgspec.structs.replace(recipe(), initial_accumulator=0.0).initial_accumulator == 0.0
    with pytest.raises(ValueError, match=r"initial_accumulator is -0\.1, below 0"):
        msgspec.structs.replace(recipe(), initial_accumulator=-0.1)


def test_a_recipe_of_no_input_is_the_base_rate_alone() -> None:
    assert recipe((), (), ()).inputs == ()


def test_a_recipe_survives_its_bytes_and_bytes_that_contradict_themselves_are_refused() -> None:
    data = codec.encode(recipe())

    assert msgspec.json.decode(data, type=Recipe) == recipe()
    with pytest.raises(msgspec.ValidationError, match="its sign -1 forbids"):
        msgspec.json.decode(data.replace(b"-0.3", b"0.3"), type=Recipe)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(data.replace(b'"rate"', b'"rates"'), type=Recipe)
