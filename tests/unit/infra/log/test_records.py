"""Records: claims, digests, partitions."""

from collections import Counter

import msgspec

from events.values import CustomerId
from infra.log.partitioning import partition_of
from infra.log.records import FactRecord, NewFact
from tests.support.given import DAY, id_of, order


def changed(**changes: object) -> NewFact:
    return msgspec.structs.replace(order("anna", DAY), **changes)


def test_a_claim_is_made_of_source_and_id_alone() -> None:
    claim = order("anna", DAY).claim()

    assert changed(data=b"{}", type="other", time=0, day=0).claim() == claim
    assert changed(source="till").claim() != claim
    assert changed(id="other").claim() != claim


def test_source_and_id_cannot_slide_into_each_other() -> None:
    assert changed(source="ab", id="c").claim() != changed(source="a", id="bc").claim()


def test_a_body_is_type_time_and_data() -> None:
    body = order("anna", DAY).body_digest()

    assert changed(source="till", id="other", day=0).body_digest() == body
    assert changed(type="other").body_digest() != body
    assert changed(time=0).body_digest() != body
    assert changed(time=-1).body_digest() != changed(time=1).body_digest()
    assert changed(data=b"{}").body_digest() != body


def test_a_customer_stands_in_one_partition_for_ever() -> None:
    assert partition_of(CustomerId("c1e66d9c-17f8-5159-9ac8-5eb2acbf9654"), 64) == 28
    assert partition_of(CustomerId("c1e66d9c-17f8-5159-9ac8-5eb2acbf9654"), 1) == 0


def test_customers_spread_evenly() -> None:
    spread = Counter(partition_of(id_of(f"customer {number}"), 64) for number in range(6_400))

    assert len(spread) == 64
    assert min(spread.values()) > 60
    assert max(spread.values()) < 145


RECORD = FactRecord(1, "type", None, None, None, 5, None, 6, b"{}", b"")
OTHERS = [
    RECORD._replace(offset=2),
    RECORD._replace(type="other"),
    RECORD._replace(customer_id=id_of("anna")),
    RECORD._replace(customer_id=CustomerId("")),
    RECORD._replace(source="s"),
    RECORD._replace(id="i"),
    RECORD._replace(time=6),
    RECORD._replace(day=1),
    RECORD._replace(appended=7),
    RECORD._replace(data=b"{ }"),
]


def test_the_digest_of_a_record_covers_each_of_its_fields() -> None:
    digests = {record.computed_digest() for record in (RECORD, *OTHERS)}

    assert len(digests) == 1 + len(OTHERS)
    assert RECORD._replace(digest=b"another").computed_digest() == RECORD.computed_digest()
