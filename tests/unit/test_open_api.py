"""What every service says alike: problem details, and how its answers stand in the OpenAPI document."""

import json

import jsonschema
import msgspec
import pytest

from services.open_api import answered, properties_of, schema_of, unavailable
from services.problem_details import PROBLEM_TYPE, Problem, answer, urn


class Inner(msgspec.Struct, frozen=True):
    """Something inside."""

    value: float | None


class Outer(msgspec.Struct, frozen=True):
    """Something with others inside."""

    first: Inner
    others: tuple[Inner, ...]


def problem(status: int) -> Problem:
    return Problem(urn("full"), "It is full", status, "nothing more goes in", "$", "full", "wait")


def test_a_schema_stands_for_itself() -> None:
    schema = schema_of(Outer)

    assert "$ref" not in json.dumps(schema)
    assert set(properties_of(schema)) == {"first", "others"}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"first": {"value": None}, "others": [{"value": 1.5}]})
    assert not validator.is_valid({"first": {"value": "1.5"}, "others": []})


def test_what_is_no_object_has_no_fields() -> None:
    with pytest.raises(TypeError, match="a struct's schema is an object"):
        properties_of({"properties": ["first"]})


def test_an_answer_has_one_of_its_schemas() -> None:
    one, two = schema_of(Inner), schema_of(Problem)

    assert answered("It is so.", one, media_type="application/json") == {
        "description": "It is so.",
        "content": {"application/json": {"schema": one}},
    }
    assert answered("It is not.", one, two)["content"] == {
        PROBLEM_TYPE: {"schema": {"anyOf": [one, two]}}
    }


def test_who_is_told_to_ask_again_is_told_when() -> None:
    described = unavailable("Not now.")

    assert described["headers"] == {
        "Retry-After": {
            "description": "Seconds to wait.",
            "required": True,
            "schema": {"type": "integer"},
        }
    }


@pytest.mark.parametrize(("status", "retry"), [(404, None), (422, None), (503, "10")])
def test_a_problem_is_answered_as_problem_details(status: int, retry: str | None) -> None:
    response = answer(problem(status))

    assert (response.status_code, response.media_type) == (status, PROBLEM_TYPE)
    assert response.headers.get("retry-after") == retry
    told = json.loads(bytes(response.body))
    assert (told["type"], told["status"]) == ("urn:holdfast:problem:full", status)
    assert "dead_letter" not in told
