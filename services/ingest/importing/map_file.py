"""Reads a mapping file. Whatever is wrong in it is refused with its line before any data is read."""

from pathlib import Path

from pydantic import ValidationError

from events import codec
from infra.yaml_file import refused_by_model
from services.ingest.importing.data_tree import TreeError
from services.ingest.importing.map_check import check_map
from services.ingest.importing.map_model import MapFile
from services.ingest.importing.map_source import read_map_source
from services.ingest.importing.refusals import MapError

__all__ = ["MapError", "MapFile", "load_map", "map_digest"]


def load_map(path: Path) -> MapFile:
    """Return the map in a YAML file, checked as far as it can be without data.

    Raises:
        MapError: ``file:line: what; how to mend``.
    """
    source = read_map_source(path)
    try:
        parsed = MapFile.model_validate(source.plain())
        check_map(parsed)
    except ValidationError as error:
        raise refused_by_model(source, error) from None
    except TreeError as error:
        raise source.error(error.location, error.what, error.mend) from None
    return parsed


def map_digest(parsed: MapFile) -> bytes:
    """Return the digest of what a map says; comments and layout do not count."""
    return codec.digest(parsed.model_dump_json(by_alias=True).encode())
