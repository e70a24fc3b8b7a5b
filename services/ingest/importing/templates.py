"""Texts with columns in braces, such as ``order:{InvoiceNo}``, out of which ids are made."""

import re

import msgspec

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)|(.)", re.DOTALL)


class Placeholder(msgspec.Struct, frozen=True):
    """A name in braces."""

    name: str


TemplatePiece = str | Placeholder


def parse_template(text: str) -> tuple[TemplatePiece, ...]:
    """Split a template into plain text and placeholders.

    Raises ``ValueError`` at a brace without its partner.

    >>> parse_template("order:{InvoiceNo}")
    ('order:', Placeholder(name='InvoiceNo'))
    """
    pieces: list[TemplatePiece] = []
    for match in _PIECE.finditer(text):
        if match[3] is not None:
            raise ValueError(f"a brace without its partner in {text!r}")
        pieces.append(Placeholder(match[1]) if match[1] is not None else match[2])
    return tuple(pieces)


def placeholders(pieces: tuple[TemplatePiece, ...]) -> tuple[str, ...]:
    """Return the names in a template, in order."""
    return tuple(piece.name for piece in pieces if isinstance(piece, Placeholder))
