"""The text of a mapping file, so that an error can name a line."""

from pathlib import Path

from infra.yaml_file import Location, YamlKind, YamlSource, read_yaml
from services.ingest.importing.refusals import MapError

__all__ = ["SEE_GUIDE", "Location", "MapSource", "read_map_source"]

SEE_GUIDE = "see docs/importing.md"
MAP = YamlKind("map", SEE_GUIDE, MapError)
MapSource = YamlSource


def read_map_source(path: Path) -> YamlSource:
    """Read a mapping file. Raises `MapError` where that cannot be."""
    return read_yaml(path, MAP)
