"""Servers as processes of their own: ``holdfast serve``, and an endpoint that does nothing."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.processes import Running, free_port, holdfast, running
from infra.folder import DataFolder


@contextlib.contextmanager
def holdfast_serve(data: Path) -> Iterator[int]:
    """Run ``holdfast serve`` on a folder; give its port. It must end cleanly."""
    command = holdfast("serve", "--port", "0", "--data", str(data))
    with running(command, data.with_suffix(".log")) as process:
        yield _announced_port(DataFolder(data), process)


@contextlib.contextmanager
def no_op_serve() -> Iterator[int]:
    """Run the endpoint that does nothing; give its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        command = [sys.executable, "-m", "bench.no_op", str(port)]
        with running(command, Path(folder) / "no-op.log") as process:
            process.wait_for_port(port)
            yield port


def _announced_port(folder: DataFolder, process: Running) -> int:
    for _ in process.looks():
        holder = folder.holder()
        if holder is not None and holder.url is not None:
            port = int(holder.url.rpartition(":")[2])
            process.wait_for_port(port)
            return port
    raise AssertionError("looks end by an error")
