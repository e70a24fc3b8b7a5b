"""Peers of profiles: scripts with environments of their own, each of which counts a topic's records."""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec

from bench.kafka_mode import KafkaMode
from bench.made_topics import PEERS_TOPIC

HERE = Path(__file__).parent
TOOLS = HERE.parent / ".tools" / "bin"
"""Where the Makefile puts uv on a machine that has none."""


def what_peers_lack() -> str | None:
    """Return what keeps peers from running here; None where nothing does."""
    return None if _uv() else "uv is not installed, which brings their libraries"


class Peers(msgspec.Struct, frozen=True):
    """The peers of one run, on its broker."""

    mode: KafkaMode
    partitions: int

    def faust(self, count: int) -> float:
        """Return how many records a second a Faust agent counts in its table."""
        return self._rate("peer_faust.py", count, str(self.partitions))

    def quix(self, count: int) -> float:
        """Return how many records a second a Quix application counts in its state."""
        folder = self.mode.folder / "quix"
        folder.mkdir(exist_ok=True)
        return self._rate("peer_quix.py", count, str(folder))

    def _rate(self, script: str, count: int, last: str) -> float:
        settings = self.mode.settings()
        signs_in = (settings.bootstrap_servers, settings.sasl_user or "", settings.password)
        arguments = [*signs_in, PEERS_TOPIC, str(count), last]
        done = subprocess.run(
            [_uv() or "uv", "run", "--quiet", "--script", str(HERE / script), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.mode.folder,
        )
        if done.returncode != 0:
            raise ChildProcessError(f"{script} ended with {done.returncode}: {done.stderr[-2000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        return float(said["records"] / said["seconds"])


def _uv() -> str | None:
    return shutil.which("uv") or shutil.which("uv", path=str(TOOLS))
