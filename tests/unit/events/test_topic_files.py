"""A topic file is read whole or refused, with the file and the line that is wrong."""

from pathlib import Path

import pytest

from schemas.topic_files import Service, Topic, TopicFileError, read_topics, retention_milliseconds

PARCELS = """\
name: crm.parcels
description: Parcels on their way.
key: customer_id
partitions: 64
retention: 90
cleanup: delete
timestamp: LogAppendTime
writers:
  - ingest
  - profiles
types:
  - crm.parcel.sent.v1
"""


def written(folder: Path, text: str, name: str = "crm.parcels") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, *changes: tuple[str, str]) -> str:
    text = PARCELS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = written(folder, text)
    with pytest.raises(TopicFileError) as refused:
        read_topics(folder)
    return str(refused.value).removeprefix(f"{path}:")


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    written(tmp_path, PARCELS)

    assert read_topics(tmp_path) == [
        Topic(
            "crm.parcels",
            "Parcels on their way.",
            "customer_id",
            64,
            90,
            "delete",
            "LogAppendTime",
            (Service.INGEST, Service.PROFILES),
            ("crm.parcel.sent.v1",),
        )
    ]


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("crm.parcels", "crm.letters"):
        written(tmp_path, PARCELS.replace("crm.parcels", name), name)

    assert [topic.name for topic in read_topics(tmp_path)] == ["crm.letters", "crm.parcels"]


def test_an_unknown_key_is_refused_with_file_line_and_the_keys_there_are(tmp_path: Path) -> None:
    said = refusal(tmp_path, ("partitions: 64", "paritions: 64"))

    assert said == (
        "4: Object contains unknown field `paritions`; there are name, description, key, "
        "partitions, retention, cleanup, timestamp, writers, types"
    )


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    assert "1: Object missing required field `partitions`" in refusal(
        tmp_path, ("partitions: 64\n", "")
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("partitions: 64", "partitions: many", "4: Expected `int`, got `str`"),
        ("partitions: 64", "partitions: 0", "4: Expected `int` >= 1"),
        ("retention: 90", "retention: 0", "5: Expected `int` >= 1"),
        ("retention: 90", "retention: always", "5: Invalid enum value 'always'"),
        ("cleanup: delete", "cleanup: burn", "6: Invalid enum value 'burn'"),
        ("timestamp: LogAppendTime", "timestamp: Now", "7: Invalid enum value 'Now'"),
        ("- profiles", "- everybody", "8: Invalid enum value 'everybody'"),
        ("  - ingest\n  - profiles\n", "  []\n", "8: Expected `array` of length >= 1"),
        ("name: crm.parcels", "name: crm.letters", "1: the topic is named crm.letters"),
        ("key: customer_id", "key: [customer_id", "4: expected ',' or ']'"),
        ("retention: 90", "retention: 90\nretention: 91", "6: found duplicate key"),
    ],
)
def test_what_is_wrong_is_refused_on_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert refusal(tmp_path, (old, new)).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a list\n", "must be a mapping"),
        (b"", "must be a mapping"),
        (b"\xff\xfe", "is not YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "crm.parcels.yaml").write_bytes(content)

    with pytest.raises(TopicFileError, match=rf"crm\.parcels\.yaml:1: {said}"):
        read_topics(tmp_path)


def test_retention_is_told_in_milliseconds_or_as_for_ever(tmp_path: Path) -> None:
    written(tmp_path, PARCELS)
    written(tmp_path, PARCELS.replace("90", "forever").replace("parcels", "ways"), "crm.ways")

    assert [retention_milliseconds(topic) for topic in read_topics(tmp_path)] == [7_776_000_000, -1]
