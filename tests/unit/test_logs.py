"""What a process logs: lines of JSON on standard error, whoever said them; words for a person."""

import ast
import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAYING = """
import logging, sys, threading, warnings
import structlog
from services.logs import log_warnings_only, logging_as
SET_UP
logger = structlog.get_logger("infra.somewhere")

def fail(secret):
    raise ValueError("on purpose")

logger.info("begun", partition=3, traceparent=None)
logger.warning("seen", traceparent="00-ab", reason="two\\nlines")
logging.getLogger("aiokafka").warning("a library %s", "warns")
logging.getLogger("aiokafka").info("and chats")
warnings.warn("old", DeprecationWarning, stacklevel=1)
try:
    fail("of a customer")
except ValueError:
    logger.exception("it failed", reason="on purpose")
thread = threading.Thread(target=fail, args=("of another",))
thread.start()
thread.join()
fail("of a third")
"""


def said(set_up: str, **settings: str) -> str:
    """What a process prints that says these things; nothing on standard output."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", SAYING.replace("SET_UP", set_up)],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 1
    return done.stderr


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    return [json.loads(line) for line in said('logging_as("profiles")').splitlines()]


def test_every_line_is_an_object_that_says_when_how_bad_who_and_what(
    lines: list[dict[str, str]],
) -> None:
    for line in lines:
        assert list(line)[:5] == ["time", "level", "service", "logger", "message"]
        assert datetime.datetime.fromisoformat(line["time"]).utcoffset() == datetime.timedelta()
    assert {line["service"] for line in lines} == {"profiles"}
    assert [(line["level"], line["logger"]) for line in lines] == [
        ("info", "infra.somewhere"),
        ("warning", "infra.somewhere"),
        ("warning", "aiokafka"),
        ("warning", "py.warnings"),
        ("error", "infra.somewhere"),
        ("critical", "services.logs"),
        ("critical", "services.logs"),
    ]
    assert lines[2]["message"] == "a library warns"
    assert "DeprecationWarning: old" in lines[3]["message"]


def test_what_a_line_is_about_follows_and_what_is_not_known_is_left_out(
    lines: list[dict[str, str]],
) -> None:
    begun, seen, *_ = lines

    assert {**begun, "time": ""} == {
        "time": "",
        "level": "info",
        "service": "profiles",
        "logger": "infra.somewhere",
        "message": "begun",
        "partition": 3,
    }
    assert list(seen)[5:] == ["traceparent", "reason"]
    assert seen["reason"] == "two\nlines"


def test_a_fault_bears_its_trace_and_no_variables_caught_or_not(
    lines: list[dict[str, str]],
) -> None:
    faults = [line for line in lines if "error" in line]

    assert [line["message"] for line in faults] == ["it failed", *["nobody caught it"] * 2]
    for line in faults:
        assert line["error"].startswith("Traceback (most recent call last):")
        assert line["error"].endswith("ValueError: on purpose")
    assert "of a customer" not in str(faults)


def test_for_a_person_it_is_in_words() -> None:
    text = said('logging_as("profiles")', HOLDFAST_LOG_FORMAT="human")

    assert "[warning  ] seen" in text
    assert "service=profiles" in text
    assert "ValueError: on purpose" in text
    assert "\x1b" not in text, "no colours where there is no terminal"
    assert "secret = " not in text


def test_a_command_warns_only_and_leaves_libraries_as_they_are() -> None:
    first, *rest = said("log_warnings_only()").splitlines()

    assert json.loads(first)["service"] == "command"
    assert rest[0] == "a library warns"


def test_a_format_that_there_is_not_is_named() -> None:
    text = said('logging_as("profiles")', HOLDFAST_LOG_FORMAT="xml")

    assert "LogSettingsError: HOLDFAST_LOG_FORMAT: Input should be" in text


LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "bind"}
CONTENTS = {"data", "body", "value", "payload", "record", "message", "fact", "letter", "name"}


def test_no_line_is_about_what_an_event_says() -> None:
    found = list(_logged())

    assert len(found) > 40
    assert not [one for one in found if one[1] in CONTENTS]


def _logged() -> Iterator[tuple[str, str]]:
    """Yield the file and the name of each thing that a line is about."""
    for package in ("services", "infra"):
        for path in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr in LEVELS
                    and "log" in ast.unparse(call.func.value)
                ):
                    yield from ((path.name, keyword.arg or "") for keyword in call.keywords)
