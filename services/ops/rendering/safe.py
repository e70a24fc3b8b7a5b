"""Text of others on a terminal: nothing in it may act on the terminal, hide, or swap its direction.

Everything that came in from outside passes through here before it is shown or printed as JSON.
"""

import json
import unicodedata

import msgspec
from rich.text import Text

_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are not shown as themselves: controls, formats, separators, unassigned."""


def escaped(text: str) -> str:
    r"""Return text with every character that could act on a terminal written as an escape.

    >>> escaped("red \x1b[31m, back\u202e, 中文")
    'red \\x1b[31m, back\\u202e, 中文'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(letter) if _acts(letter) else letter for letter in text)


def plain(text: str, style: str = "") -> Text:
    """Return text for the screen, escaped, with no markup read out of it."""
    return Text(escaped(text), style=style)


def lines(text: str, style: str = "") -> Text:
    """Return text of several lines for the screen: line ends are kept, the rest is escaped."""
    return Text("\n".join(map(escaped, text.splitlines())), style=style)


def json_line(value: object) -> str:
    r"""Return a struct as JSON on one line, without characters that could act on a terminal.

    >>> json_line({"name": "\x9b31m"})
    '{"name":"\\u009b31m"}'
    """
    text = msgspec.json.encode(value).decode()
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(letter)[1:-1] if _acts(letter) else letter for letter in text)


def _acts(letter: str) -> bool:
    return unicodedata.category(letter) in _ACTING


def _escape(letter: str) -> str:
    code = ord(letter)
    if code <= 0xFF:
        return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(letter, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
