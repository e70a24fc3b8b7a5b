"""What a person would see, as text."""

from io import StringIO
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from infra.messages.catalogue import Catalogue
from infra.messages.language import Language
from services.ops.rendering.terminal import console_on

ENGLISH = Catalogue(Language.ENGLISH)
CHINESE = Catalogue(Language.CHINESE)
LONDON_CLOCKS = ZoneInfo("Europe/London")


def screen(content: RenderableType, width: int = 100) -> str:
    """The text that is printed, without blanks at the ends of lines."""
    file = StringIO()
    console_on(file, width).print(content)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def words(content: RenderableType, width: int = 100) -> str:
    """The same as one line with single blanks, for sentences that may have been wrapped."""
    return " ".join(screen(content, width).split())
