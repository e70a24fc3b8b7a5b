"""A PostgreSQL of this run alone, by Debian's programs."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.processes import free_port, running
from infra.postgres.settings import PostgresSettings

FOLDERS = tuple(Path(f"/usr/lib/postgresql/{version}/bin") for version in (17, 16, 15))
USER = "postgres"


def program(name: str) -> Path | None:
    """Return where one of its programs is; None where it is not installed."""
    found = [folder / name for folder in FOLDERS if (folder / name).exists()]
    on_path = shutil.which(name)
    return found[0] if found else (Path(on_path) if on_path else None)


@contextlib.contextmanager
def postgres() -> Iterator[PostgresSettings]:
    """Run one until left. As root it runs as the user of Debian's package: it refuses root."""
    user = USER if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-postgres-") as made:
        folder, port = Path(made), free_port()
        if user is not None:
            shutil.chown(folder, user, user)
        make = [
            str(program("initdb")),
            "-D",
            f"{made}/data",
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(make, check=True, capture_output=True, user=user, group=user)
        serve = [str(program("postgres")), "-D", f"{made}/data", "-p", str(port)]
        serve += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={made}"]
        as_user = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}"]
        as_user += ["--init-groups"] if user is not None else []
        settings = PostgresSettings(url=f"postgresql://127.0.0.1:{port}/postgres", user=USER)
        with running([*as_user, *serve], folder.parent / f"{folder.name}.log") as process:
            for _ in process.looks():
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(settings.conninfo).close()
                    break
            yield settings
        (folder.parent / f"{folder.name}.log").unlink()
