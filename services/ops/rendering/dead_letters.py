"""Dead letters on the screen: a list, and one letter with its bytes made harmless."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from infra.messages.catalogue import Catalogue
from services.ops.dead_letters import DeadLetterLine, DeadLetterView
from services.ops.rendering.grids import add_row, heading, label_rows, table
from services.ops.rendering.safe import lines, plain

_BODY_SHOWN = 4000
_HEX_A_LINE = 64
_ID_SHOWN = 12


def render_dead_letters(
    letters: Sequence[DeadLetterLine], catalogue: Catalogue, zone: ZoneInfo
) -> RenderableType:
    """Return letters as a table, newest first."""
    if not letters:
        return plain(catalogue.say("There are no dead letters."), "green")
    made = table(
        catalogue.say("Id"),
        catalogue.say("Received"),
        catalogue.say("Source"),
        catalogue.say("Reason"),
        catalogue.say("What is wrong"),
        whole=(0, 1),
    )
    for letter in letters:
        add_row(
            made,
            letter.id[:_ID_SHOWN],
            catalogue.time(letter.received, zone),
            _source(letter, catalogue),
            letter.reason,
            f"{letter.place}: {letter.detail}",
        )
    return made


def render_dead_letter(
    view: DeadLetterView, catalogue: Catalogue, zone: ZoneInfo
) -> RenderableType:
    """Return one letter; of a long one only the beginning of its bytes."""
    letter = view.letter
    rows: list[tuple[str, Text | str]] = [
        (catalogue.say("Id"), letter.id),
        (catalogue.say("Source"), _source(letter, catalogue)),
        (catalogue.say("Received"), catalogue.time(letter.received, zone)),
        (catalogue.say("Reason"), plain(letter.reason, "bold red")),
        (catalogue.say("Place"), letter.place),
        (catalogue.say("What is wrong"), letter.detail),
        (catalogue.say("How to mend it"), letter.mend),
    ]
    return Group(label_rows(rows), Text(), *_body(view, catalogue))


def _body(view: DeadLetterView, catalogue: Catalogue) -> list[RenderableType]:
    size = view.letter.size
    if view.body is not None:
        title = catalogue.say_plural("Its {number} byte", "Its {number} bytes", size)
        whole, shown = view.body, lines(view.body[:_BODY_SHOWN])
    else:
        title = catalogue.say_plural(
            "Its {number} byte, which is not UTF-8, in hexadecimal digits",
            "Its {number} bytes, which are not UTF-8, in hexadecimal digits",
            size,
        )
        whole = view.body_hex or ""
        shown = plain("")
        starts = range(0, min(len(whole), _BODY_SHOWN), _HEX_A_LINE)
        shown = Text("\n").join([plain(whole[start : start + _HEX_A_LINE]) for start in starts])
    parts: list[RenderableType] = [heading(title), shown]
    if len(whole) > _BODY_SHOWN:
        parts.append(plain(catalogue.say("only the beginning; --json has all of it"), "dim"))
    return parts


def _source(letter: DeadLetterLine, catalogue: Catalogue) -> str:
    return letter.source or catalogue.say("not readable")
