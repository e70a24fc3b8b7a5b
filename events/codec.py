"""Canonical bytes and their digests: equal values always give equal bytes."""

from hashlib import blake2b

import msgspec

DIGEST_BYTES = 16

_encoder = msgspec.json.Encoder(order="deterministic")


def encode(value: msgspec.Struct) -> bytes:
    """Return the canonical JSON of a struct: fields in their declared order, no white space."""
    return _encoder.encode(value)


def digest(*parts: bytes) -> bytes:
    """Return a 16-byte BLAKE2b of the parts, each preceded by its length, so that none can slide."""
    hasher = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()


def digest_of_fields(*fields: str | int | bytes | None) -> bytes:
    """Return the digest of mixed fields; ``None`` and the empty text differ.

    >>> digest_of_fields("a", None) == digest_of_fields("a", "")
    False
    """
    return blake2b(msgspec.msgpack.encode(fields), digest_size=DIGEST_BYTES).digest()
