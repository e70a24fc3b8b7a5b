"""What ships as containers: valid by the compose specification, guarded, limited, and complete.

``tests/support/compose-spec.json`` is the schema of https://github.com/compose-spec/compose-spec at
170098b, Apache License 2.0.
"""

import json
import re
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from infra.kafka.jars import kafka_version

ROOT = Path(__file__).parents[2]
Document: TypeAlias = dict[str, Any]  # whatever YAML holds; what it must hold is tested here
OURS = {"ingest", "intake", "profiles", "learning", "alerts", "archive", "console"}
BROKER = (ROOT / "infra/kafka/compose.properties").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def compose() -> Document:
    found: Document = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return found


def test_the_file_is_valid_by_the_compose_specification(compose: Document) -> None:
    schema = json.loads((ROOT / "tests/support/compose-spec.json").read_text("utf-8"))

    assert list(Draft7Validator(schema).iter_errors(compose)) == []
    assert list(Draft7Validator(schema).iter_errors({"services": {"a": {"imag": "b"}}}))


def test_every_service_and_every_store_is_there(compose: Document) -> None:
    assert set(compose["services"]) == {*OURS, "topics", "kafka", "redis", "postgres"}


def test_everything_that_stays_has_a_health_check_and_limits(compose: Document) -> None:
    for name, service in compose["services"].items():
        assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"]), name
        assert "test" in service["healthcheck"] or name == "topics", name


def test_what_a_store_keeps_outlives_its_container(compose: Document) -> None:
    for name in ("kafka", "redis", "postgres"):
        volume = compose["services"][name]["volumes"][0].partition(":")[0]
        assert volume in compose["volumes"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_is_told_apart_by_its_command_and_holds_no_right_too_many(
    compose: Document, name: str
) -> None:
    service = compose["services"][name]

    assert service["command"] == [name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    user = "ingest" if name == "intake" else name
    assert service["environment"]["HOLDFAST_KAFKA_SASL_USER"] == user
    assert set(service["secrets"]) == {f"kafka_{user}", "redis", "postgres"}
    assert f"kafka_{user}" in compose["services"]["kafka"]["secrets"]
    listener = "host" if name == "console" else "clients"
    users = next(
        line for line in BROKER.splitlines() if line.startswith(f"listener.name.{listener}.plain")
    )
    assert f'user_{user}="${{secrets:/run/secrets:kafka_{user}}}"' in users


def test_only_this_machine_reaches_anything_and_the_console_has_its_own_way_to_the_stores(
    compose: Document,
) -> None:
    published = {
        port: name for name, one in compose["services"].items() for port in one.get("ports", ())
    }
    console = compose["services"]["console"]
    said = console["environment"]

    assert all(port.startswith("127.0.0.1:") for port in published)
    assert (console["network_mode"], console.get("ports")) == ("host", None)
    for setting, store, inside in (
        ("HOLDFAST_KAFKA_BOOTSTRAP_SERVERS", "kafka", 8754),
        ("HOLDFAST_REDIS_URL", "redis", 6379),
        ("HOLDFAST_POSTGRES_URL", "postgres", 5432),
    ):
        address = re.search(r"127\.0\.0\.1:\d+", said[setting])
        assert address is not None
        assert published[f"{address[0]}:{inside}"] == store
    assert "HOST://127.0.0.1:8754" in BROKER


def test_no_password_stands_in_the_file(compose: Document) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("/run/secrets/"), name


def test_passwords_have_a_make_rule_each(compose: Document) -> None:
    made = re.search(r"^SECRETS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert made is not None
    assert set(made[1].split()) == set(compose["secrets"])


def test_the_image_has_stages_and_runs_as_nobody_in_particular() -> None:
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert 'ENTRYPOINT ["holdfast"]' in DOCKERFILE


def test_versions_are_those_of_the_rest_of_the_house(compose: Document) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    version = re.search(r"^UV_VERSION := (.+)$", makefile, re.MULTILINE)

    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka_version()}"
    assert version is not None
    assert f"astral-sh/uv:{version[1]} " in DOCKERFILE
