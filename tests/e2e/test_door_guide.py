"""Every example of docs/upstream.md is run as it stands there, and answers what stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.clock import SystemClock
from services.ingest.door import RefusalReason
from tests.e2e import curl_stand_in
from tests.e2e.door_server import running_door

GUIDE = (Path(__file__).parents[2] / "docs/upstream.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEPARATOR = "--- next ---"


def commands() -> list[str]:
    return [block[2] for block in BLOCK.finditer(GUIDE) if block[1] == "sh"]


def promised_answers() -> list[object]:
    return [json.loads(block[2]) for block in BLOCK.finditer(GUIDE) if block[1] == "json"]


def run_in_one_shell(url: str, path: str) -> list[str]:
    """What each command but the first, which sets variables, writes."""
    script = f"\necho '{SEPARATOR}'\n".join(["set -eu", *commands()])
    finished = subprocess.run(
        ["bash", "-c", script],
        env={"HOLDFAST": url, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.stderr == ""
    assert finished.returncode == 0
    return finished.stdout.split(SEPARATOR)[2:]


def stand_in_path(folder: Path) -> str:
    """A search path on which curl is our own, and the rest is the machine's."""
    curl = folder / "curl"
    curl.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{curl_stand_in.__file__}" "$@"\n')
    curl.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("client", ["curl", "stand-in"])
def test_the_examples_answer_what_the_guide_promises(client: str, tmp_path: Path) -> None:
    if client == "curl" and shutil.which("curl") is None:
        pytest.skip("this machine has no curl; its stand-in runs the same examples")
    path = os.environ["PATH"] if client == "curl" else stand_in_path(tmp_path)

    with running_door(tmp_path, SystemClock()) as door:
        answers = run_in_one_shell(door.url, path)

    assert [json.loads(answer) for answer in answers] == promised_answers()


def test_the_guide_explains_every_reason_there_is() -> None:
    explained = set(re.findall(r"^\| \d{3} \| `([a-z-]+)` \|", GUIDE, re.MULTILINE))

    assert explained == {*RefusalReason, "suspended", "log-unavailable"}
