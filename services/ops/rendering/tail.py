"""Records of a topic on the screen, one line each."""

from zoneinfo import ZoneInfo

from rich.text import Text

from infra.messages.catalogue import Catalogue
from services.ops.rendering.safe import plain
from services.ops.tail_records import TailRecord


def render_record(record: TailRecord, catalogue: Catalogue, zone: ZoneInfo) -> Text:
    """Return a record as one paragraph: sequence, time, type, customer, emission, data."""
    parts = [
        plain(record.sequence or record.id, "dim"),
        plain(catalogue.time(record.time, zone), "cyan"),
        plain(record.type, "bold"),
    ]
    if record.subject is not None:
        parts.append(plain(record.subject))
    if record.emission is not None:
        parts.append(plain(record.emission, "dim"))
    parts.append(plain(bytes(record.data).decode("utf-8", "backslashreplace")))
    line = Text("  ").join(parts)
    line.overflow = "fold"
    return line
