"""The jars that a broker runs from: fetched by Maven once a machine, into a cache beside no checkout."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
ATTEMPTS = 2
"""How often Maven is asked: a registry that stumbles once is no reason to give up."""


class ToolMissingError(LookupError):
    """A program that a broker on this machine needs is not installed."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{tool} is not installed; a broker needs Java 17 and Maven "
            "(Debian: apt-get install openjdk-17-jre-headless maven)"
        )


class JarsUnavailableError(OSError):
    """Maven could not fetch the jars."""


def find_tool(name: str) -> str:
    """Return the path of a program. Raises `ToolMissingError`."""
    found = shutil.which(name)
    if found is None:
        raise ToolMissingError(name)
    return found


def kafka_version() -> str:
    """Return the version of Kafka that ``pom.xml`` names.

    >>> kafka_version().startswith("4.")
    True
    """
    found = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text("utf-8"))
    if found is None:
        raise LookupError(f"{POM} names no kafka.version")
    return found[1]


def cache_folder() -> Path:
    """Return where the jars of this ``pom.xml`` are kept; another one has another folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    return Path(base) / "holdfast" / f"kafka-{kafka_version()}-{digest}"


def ensure_jars(folder: Path | None = None) -> Path:
    """Return a folder that holds the jars, fetching them where it is not there yet.

    Raises:
        ToolMissingError: they are not there, and neither is Maven.
        JarsUnavailableError: Maven failed twice; the message ends with what it said.
    """
    folder = folder or cache_folder()
    if folder.is_dir():
        return folder
    maven = find_tool("mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        fetched = Path(beside) / "jars"
        _fetch(maven, fetched)
        _take_over(fetched, folder)
    return folder


def _fetch(maven: str, into: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    command = [maven, "--batch-mode", "--quiet", "--file", str(POM), *goal]
    for _ in range(ATTEMPTS):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        shutil.rmtree(into, ignore_errors=True)
    said = (done.stdout + done.stderr).strip().splitlines()[-1:]
    raise JarsUnavailableError(f"Maven could not fetch Kafka {kafka_version()}: {' '.join(said)}")


def _take_over(fetched: Path, folder: Path) -> None:
    """Move a whole folder into its place, unless another process was quicker."""
    try:
        fetched.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
