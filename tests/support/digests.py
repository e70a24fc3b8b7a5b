"""What a verification comes to, and what the same files come to in a folder."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.support.cluster import HOLDFAST


class Digests(msgspec.Struct, frozen=True):
    """What a verification comes to: of states and signals, and of what the desk decided."""

    digest: str
    desk: str

    @classmethod
    def of(cls, verified: str | bytes) -> "Digests":
        """Those of a report in JSON; the desk's is empty where there is none."""
        report = json.loads(verified)
        return cls(report["digest"], (report["desk"] or {"digest": ""})["digest"])


def embedded_digests(
    folder: Path, *files: Path, map_file: Path, team: Mapping[str, str] | None = None
) -> Digests:
    """The digests of the same files, imported into a folder and verified."""
    given = {**os.environ, **(team or {})}
    command = [str(HOLDFAST), "import", *map(str, files), "--map", str(map_file)]
    subprocess.run([*command, "--data", str(folder)], check=True, capture_output=True, env=given)
    verified = subprocess.run(
        [str(HOLDFAST), "verify", "--json", "--data", str(folder)], check=True, capture_output=True
    )
    return Digests.of(verified.stdout)


def embedded_digest(folder: Path, *files: Path, map_file: Path) -> str:
    """The digest of states and signals of the same files, imported into a folder and verified."""
    return embedded_digests(folder, *files, map_file=map_file).digest
