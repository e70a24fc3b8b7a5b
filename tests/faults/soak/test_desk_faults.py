"""Alerts killed at every step between a signal and an outcome, frozen, parted anew; their servers away."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.soak.desk_faults import DESK_KINDS
from tests.faults.soak.findings import Wrong
from tests.faults.soak.soak import soak_in

SEED = 20110912
DAYS_OF_PEACE = 20
SECONDS_OF_A_PAUSE = 6.0
MOMENTS = ("decision", "transaction", "relay", "outcome")
TWENTY = [kind for kind in DESK_KINDS for moment in MOMENTS if moment in kind] * 5
AROUND = (
    "alerts come and go",
    "leader of the desk frozen, wakes behind its successor",
    "connection cut inside alerts' produce",
    "PostgreSQL killed and started",
    "broker restarted",
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_alerts_killed_at_twenty_moments_decide_once_and_lose_no_outcome(tmp_path: Path) -> None:
    kinds = [*TWENTY, *AROUND]
    Random(SEED).shuffle(kinds)
    with soak_in(tmp_path, SEED, SECONDS_OF_A_PAUSE, brisk=True) as soak:
        soak.live_in_peace(DAYS_OF_PEACE)

        for kind in kinds:
            outcome = soak.suffer(kind)
            assert outcome.found == dict.fromkeys(Wrong, 0), (kind, soak.checker.findings.details)

        assert len(soak.checker.desk.outcomes()) >= 10, "or none could have been lost"
        assert soak.verified().splitlines()[-1].startswith("digest ")
