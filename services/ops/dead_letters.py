"""Dead letters: what could not become a fact, why, and how to mend it."""

import datetime

import msgspec

from events.calendar import time_of
from infra.archive.port import FactArchive, ListedLetter
from infra.log.records import DeadLetter


class DeadLetterLine(msgspec.Struct, frozen=True):
    """One letter in a list. ``place`` is a field, or file and line; ``size`` is in bytes."""

    id: str
    source: str
    reason: str
    detail: str
    place: str
    mend: str
    received: datetime.datetime
    size: int


class DeadLetterView(msgspec.Struct, frozen=True):
    """One letter with its original bytes: ``body`` where they are UTF-8, else ``body_hex``."""

    letter: DeadLetterLine
    body: str | None
    body_hex: str | None


class NoDeadLetter(msgspec.Struct, frozen=True, tag="no-dead-letter"):
    """No letter has this id, or several ids begin with it."""

    text: str


async def list_dead_letters(archive: FactArchive, limit: int) -> tuple[DeadLetterLine, ...]:
    """Return the newest letters, newest first."""
    return tuple(dead_letter_line(letter) for letter in await archive.listed_letters(limit))


async def show_dead_letter(archive: FactArchive, text: str) -> DeadLetterView | NoDeadLetter:
    """Return the letter whose id is ``text`` or begins with it."""
    wished = text.strip().encode("utf-8", "replace").decode()
    letter = await archive.dead_letter(wished) if wished else None
    return NoDeadLetter(wished) if letter is None else dead_letter_view(letter)


def dead_letter_line(letter: DeadLetter | ListedLetter) -> DeadLetterLine:
    """Return a letter without its bytes."""
    size = letter.size if isinstance(letter, ListedLetter) else len(letter.body)
    return DeadLetterLine(
        letter.id,
        letter.source,
        letter.reason,
        letter.detail,
        letter.place,
        letter.mend,
        time_of(letter.received),
        size,
    )


def dead_letter_view(letter: DeadLetter) -> DeadLetterView:
    """Return a letter with its bytes, decoded where that is possible without loss."""
    try:
        return DeadLetterView(dead_letter_line(letter), letter.body.decode("utf-8"), None)
    except UnicodeDecodeError:
        return DeadLetterView(dead_letter_line(letter), None, letter.body.hex())
