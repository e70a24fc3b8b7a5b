"""Records of a topic on the screen, one line each."""

from zoneinfo import ZoneInfo

from rich.text import Text

from infra.messages.catalogue import Catalogue
from services.ops.rendering.safe import plain
from services.ops.rendering.tail_words import record_words
from services.ops.tail_records import TailRecord


def render_record(record: TailRecord, catalogue: Catalogue, zone: ZoneInfo) -> Text:
    """Return a record as one paragraph: sequence, time, type, customer, emission, words, data.

    In words stands what detectors, scores and models say; the data follow whole in any case.
    """
    parts = [
        plain(record.sequence or record.id, "dim"),
        plain(catalogue.time(record.time, zone), "cyan"),
        plain(record.type, "bold"),
    ]
    if record.subject is not None:
        parts.append(plain(record.subject))
    if record.emission is not None:
        parts.append(plain(record.emission, "dim"))
    words = record_words(record.type, bytes(record.data), catalogue)
    if words is not None:
        parts.append(plain(words, "bold"))
    data = bytes(record.data).decode("utf-8", "backslashreplace")
    parts.append(plain(data, "" if words is None else "dim"))
    line = Text("  ").join(parts)
    line.overflow = "fold"
    return line
