"""Draws docs/images/terminal.svg from the folder that `make demo` leaves behind.

Run as ``python -m samples.make_picture`` after ``make demo``.
"""

import asyncio
import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from infra.folder import DataFolder
from infra.messages.catalogue import Catalogue
from services.ops.cards import CardView, card_now
from services.ops.flagged import FlaggedList, flagged
from services.ops.reading import open_reading
from services.ops.rendering.card import render_card
from services.ops.rendering.flagged import render_flagged

FOLDER = Path("demo-data")
PICTURE = Path("docs/images/terminal.svg")
WIDTH = 100


async def drawn() -> str:
    """Return the picture: who is flagged, and the card of the first."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False
    )
    catalogue = Catalogue()
    async with open_reading(DataFolder(FOLDER)) as reading:
        listed = await flagged(reading, 4)
        if not isinstance(listed, FlaggedList):
            raise SystemExit("nothing is folded yet; run `make demo` first")
        view = await card_now(reading, listed.customers[0].customer_id)
        if not isinstance(view, CardView):
            raise SystemExit("the first customer has no card; run `make demo` again")
        zone = ZoneInfo(reading.head.identity.business_timezone)
        console.print("$ holdfast flagged --limit 4")
        console.print(render_flagged(listed, catalogue))
        console.print("\n$ holdfast card online-retail:16029")
        console.print(render_card(view, catalogue, zone))
    return _without_downloads(console.export_svg(title="holdfast", unique_id="holdfast"))


def _without_downloads(picture: str) -> str:
    """Leave out the fonts that would be fetched from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(asyncio.run(drawn()))
