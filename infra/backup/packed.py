"""A file of lines in gzip, whose digest is worked out as it is written."""

import hashlib
import os
import zlib
from pathlib import Path

LEVEL = 6
_GZIP = 31  # zlib's way to ask for gzip's header, which then holds no time


class PackedFile:
    """Takes lines until it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._packing = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        self._digest = hashlib.sha256()
        self._bytes = 0

    def add(self, lines: bytes) -> None:
        """Add lines, each with its end."""
        self._keep(self._packing.compress(lines))

    def close(self) -> tuple[int, str]:
        """Return the size in bytes and the SHA-256, once all of it is on the disk."""
        self._keep(self._packing.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._bytes, self._digest.hexdigest()

    def abandon(self) -> None:
        """Let go of the file, which is not whole."""
        self._file.close()

    def _keep(self, packed: bytes) -> None:
        self._file.write(packed)
        self._digest.update(packed)
        self._bytes += len(packed)
