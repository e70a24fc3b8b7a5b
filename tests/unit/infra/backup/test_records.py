"""Records as lines of JSON: the very bytes come back, and other tools can read them."""

import gzip
import hashlib
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.backup.records import RecordWriter, read_records
from infra.log.kafka_records import Consumed, Message

ANY = st.binary(max_size=40) | st.text(max_size=20).map(str.encode)
RECORDS = st.lists(
    st.builds(
        lambda time, key, value, headers: Consumed("crm.facts", 2, 0, time, key, value, headers),
        st.integers(0, 2**42),
        st.none() | ANY,
        ANY,
        st.lists(st.tuples(st.text(max_size=8), ANY), max_size=4),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(RECORDS, st.integers(1, 3))
def test_whatever_bytes_a_record_has_they_come_back(records: list[Consumed], at_once: int) -> None:
    with TemporaryDirectory() as folder:
        writer = RecordWriter(Path(folder) / "some.jsonl.gz")
        numbered = [one._replace(offset=3 * number) for number, one in enumerate(records)]
        for start in range(0, len(numbered), at_once):
            writer.write(numbered[start : start + at_once])
        written = writer.close()

        found = [one for some in read_records(Path(folder) / "some.jsonl.gz") for one in some]
        packed = (Path(folder) / "some.jsonl.gz").read_bytes()

    assert [one.message("crm.facts", 2) for one in found] == [
        Message("crm.facts", 2, one.key, one.value, list(one.headers), one.timestamp_ms)
        for one in records
    ]
    assert [one.offset for one in found] == [one.offset for one in numbered]
    ends = (numbered[0].offset, numbered[-1].offset) if numbered else (None, None)
    assert (written.records, written.first_offset, written.last_offset) == (len(records), *ends)
    assert (written.bytes, written.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())


def test_a_file_is_read_without_holdfast(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "some.jsonl.gz")
    headers = [("ce_type", b"crm.order.placed.v1"), ("x", b"\xff")]
    writer.write([Consumed("crm.facts", 0, 7, 1_000, b"anna", b'{"name":"\xe7\x8e\x8b"}', headers)])
    writer.close()

    with gzip.open(tmp_path / "some.jsonl.gz", "rt", encoding="utf-8") as file:
        (line,) = file
    assert json.loads(line) == {
        "offset": 7,
        "timestamp_ms": 1_000,
        "key": "anna",
        "headers": [["ce_type", "crm.order.placed.v1"], ["x", {"base64": "/w=="}]],
        "value": '{"name":"王"}',
    }
    unpacked = subprocess.run(
        ["gzip", "-dc", tmp_path / "some.jsonl.gz"], capture_output=True, check=True
    )
    assert unpacked.stdout.decode() == line
