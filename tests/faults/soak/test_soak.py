"""Twenty faults, two at a time, on real servers; and a checker that would have seen what they break."""

from itertools import chain
from pathlib import Path
from random import Random

import msgspec
import psycopg
import pytest

from domain.customer import state as states
from tests.faults.soak.checker import Log
from tests.faults.soak.faults import force
from tests.faults.soak.findings import Wrong
from tests.faults.soak.soak import Soak, plan, soak_in

FAULTS, SEED = 20, 1
DAYS_OF_PEACE = 8
SECONDS_OF_A_PAUSE = 6.0
NOTHING = dict.fromkeys(Wrong, 0)


@pytest.mark.timeout(900)
def test_twenty_faults_lose_double_and_change_nothing(tmp_path: Path) -> None:
    with soak_in(tmp_path, SEED, SECONDS_OF_A_PAUSE, brisk=True) as soak:
        soak.live_in_peace(DAYS_OF_PEACE)
        kinds = plan(FAULTS, Random(SEED))

        for pair in zip(kinds[::2], kinds[1::2], strict=True):
            outcome = soak.suffer(*pair)
            assert outcome.found == NOTHING, (pair, soak.checker.findings.details)

        soak.until_well()
        assert soak.verified().splitlines()[-1].startswith("digest ")
        assert any(soak.said()), "or no signal could have been lost"
        _see_what_is_wrong(soak)


def _see_what_is_wrong(soak: Soak) -> None:
    """Break things, and see that the checker finds each of them lost, doubled or different."""
    fact = next(record for record in soak.copy.records["crm.facts", 0] if record.key is not None)
    said = max(chain(*soak.said()), key=lambda record: record.headers["ce_sequence"])
    force(soak.site, "crm.facts", 0, fact)
    number = int(said.headers["ce_sequence"]) + 1
    again = {**said.headers, "ce_sequence": f"{number:019d}"}
    force(soak.site, "crm.signals", int(said.headers["ce_partition"]), said._replace(headers=again))
    soak.until_well()

    key = Log(soak.copy).key(1, "states")
    gone, counted, changed = sorted(soak.redis.hkeys(key))[:3]
    soak.redis.hdel(key, gone)
    for name, field in ((counted, "facts"), (changed, "late_facts")):
        state = states.decode(soak.redis.hget(key, name))
        more = msgspec.structs.replace(state, **{field: getattr(state, field) + 1})
        soak.redis.hset(key, name, states.encode(more))
    with psycopg.connect(soak.site.postgres_settings().conninfo) as archive:
        archive.execute('DELETE FROM facts WHERE partition = 2 AND "offset" = 0')
        _break_the_desk(archive)

    fresh = soak.fresh_checker()
    fresh.check({**soak.senders.acknowledged(), ("nobody", "1"): {}})

    expected = {Wrong.LOST: 4, Wrong.DOUBLED: 3, Wrong.DIFFERENT: 3}
    assert fresh.findings.taken() == expected, fresh.findings.details


def _break_the_desk(desk: psycopg.Connection) -> None:
    """Take away one decision, count a task too many, and change what one published event says."""
    desk.execute("INSERT INTO console_counts VALUES ('AM-9', 'working', 1)")
    first = "(SELECT ctid FROM desk_judgements ORDER BY partition, sequence LIMIT 1)"
    desk.execute(f"DELETE FROM desk_judgements WHERE ctid = {first}")
    last = "(SELECT max(notification_id) FROM stored_events WHERE topic = 'crm.signal.judged.v1')"
    desk.execute(
        f"UPDATE stored_events SET state = state || ' '::bytea WHERE notification_id = {last}"
    )
