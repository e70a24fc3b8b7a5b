"""Sequences: one growing number for each output of a (projection, source partition).

``offset · 2^25 + ordinal`` of the output within that offset, whatever the commits were: a 63-bit
number. A reader keeps the highest it has seen and drops what is not above it.
"""

ORDINAL_BITS = 25
OUTPUTS_AN_OFFSET = 1 << ORDINAL_BITS


def sequence(offset: int, ordinal: int) -> int:
    """Return the sequence of the output number ``ordinal`` of a record.

    >>> sequence(3, 1)
    100663297
    """
    if ordinal >= OUTPUTS_AN_OFFSET:
        raise OverflowError(f"offset {offset} has more than {OUTPUTS_AN_OFFSET} outputs")
    return (offset << ORDINAL_BITS) | ordinal


def published(sequence_number: int) -> str:
    """Return the 19 digits by which a sequence is published, which sort as the numbers do.

    >>> published(100663297)
    '0000000000100663297'
    """
    return f"{sequence_number:019d}"


def offset_of(sequence_number: int) -> int:
    """Return the source offset of a sequence."""
    return sequence_number >> ORDINAL_BITS
