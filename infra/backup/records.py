"""Records of Kafka as lines of JSON in gzip files, which any tool can read.

A key, a header or a value is a string where its bytes are UTF-8, ``{"base64": ...}`` where they are
not, and null where there is none, so the very bytes come back.
"""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from infra.backup.packed import PackedFile
from infra.log.kafka_records import Consumed, Message

BYTES_AT_ONCE = 4 * 1024 * 1024
"""So much of a file is in memory at once, as text."""


class Raw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes that are not UTF-8; msgspec writes them in base64."""

    base64: bytes


Text = str | Raw | None


class BackupRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record as it stood in a partition. ``timestamp_ms`` is when the brokers appended it."""

    offset: int
    timestamp_ms: int
    key: Text
    headers: tuple[tuple[str, Text], ...]
    value: Text

    @classmethod
    def of(cls, message: Consumed) -> "BackupRecord":
        """Return what is kept of a record: all of it."""
        headers = tuple((name, text_of(value)) for name, value in message.headers)
        fields = (text_of(message.key), headers, text_of(message.value))
        return cls(message.offset, message.timestamp_ms, *fields)

    def message(self, topic: str, partition: int) -> Message:
        """Return what is to be produced to have it again."""
        headers = [(name, bytes_of(value) or b"") for name, value in self.headers]
        value = bytes_of(self.value) or b""
        return Message(topic, partition, bytes_of(self.key), value, headers, self.timestamp_ms)


class Written(NamedTuple):
    """What a file came to: its records, where they stood, and its bytes."""

    records: int
    first_offset: int | None
    last_offset: int | None
    bytes: int
    sha256: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(BackupRecord)


class RecordWriter:
    """Writes one file, record by record, and works out its digest as it goes."""

    def __init__(self, path: Path) -> None:
        self._file = PackedFile(path)
        self._records = 0
        self._first: int | None = None
        self._last: int | None = None

    def write(self, messages: Sequence[Consumed]) -> None:
        """Add records, in the order of their offsets."""
        if not messages:
            return
        self._file.add(_encoder.encode_lines(map(BackupRecord.of, messages)))
        self._records += len(messages)
        self._first = messages[0].offset if self._first is None else self._first
        self._last = messages[-1].offset

    def close(self) -> Written:
        """Return what was written, once it is on the disk."""
        return Written(self._records, self._first, self._last, *self._file.close())

    def abandon(self) -> None:
        """Let go of the file, which is not whole."""
        self._file.abandon()


def read_records(path: Path) -> Iterator[list[BackupRecord]]:
    """Return the records of a file, some megabytes at once.

    Raises ``msgspec.MsgspecError``, ``OSError`` or ``zlib.error`` for a file that was not checked before.
    """
    with gzip.open(path) as file:
        while lines := file.readlines(BYTES_AT_ONCE):
            yield [_decoder.decode(line) for line in lines]


def text_of(data: bytes | None) -> Text:
    """Return bytes as they are written down.

    >>> text_of(b"anna"), text_of(None)
    ('anna', None)
    """
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Raw(data)


def bytes_of(text: Text) -> bytes | None:
    """Return the bytes again.

    >>> bytes_of(text_of(bytes([255]))) == bytes([255])
    True
    """
    match text:
        case None:
            return None
        case str():
            return text.encode()
        case Raw():
            return text.base64
