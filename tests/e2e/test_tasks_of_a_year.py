"""A year of real sales through to tasks: so many a manager, prices that add up, gates that mean it."""

import asyncio
import os
from functools import partial
from pathlib import Path

import msgspec
import pytest

from domain.retention.gates import Case, judge, line_check
from domain.retention.policy import Policy
from domain.retention.priority import evidence_of, priority, reason_of, value_of
from events.catalogue import REGISTRY
from events.judgements import GateCheck, Measure, SignalJudged, Verdict
from events.marks import Emission
from events.signals import AnomalyRaised, RiskRaised, RiskStanding, SignalReason
from infra.desk.port import blob
from infra.desk.reading import DeskReader, InboxQuery
from infra.desk.sqlite import SqliteDeskFile
from infra.folder import DataFolder
from services.alerts.policy_file import load_policy
from tests.faults.commands import holdfast, holdfast_after
from tests.faults.folders import log_file, rows

SAMPLES = Path(__file__).parents[2] / "samples"
POLICY, MANAGERS = SAMPLES / "task-policy.yaml", SAMPLES / "managers.yaml"
JUDGED = "SELECT state FROM stored_events WHERE topic = 'crm.signal.judged.v1'"
SIGNAL = "SELECT type, data FROM signals WHERE projection = ? AND sequence = ?"


def name_samples() -> None:
    os.environ["HOLDFAST_MANAGERS"] = str(MANAGERS)
    os.environ["HOLDFAST_TASK_POLICY"] = str(POLICY)


def imported(folder: Path, file: Path) -> DataFolder:
    data = folder / "data"
    arguments = ["import", file, "--map", SAMPLES / "online-retail.map.yaml", "--data", data]
    ended = holdfast_after(name_samples, *arguments)
    assert ended.code == 0, ended
    return DataFolder(data)


def changed(policy: Policy, reason: SignalReason, check: GateCheck) -> Policy:
    """The policy with what a gate needs set to what it found."""
    replace, rule = msgspec.structs.replace, policy.rule(reason)
    found = check.actual if isinstance(check.actual, float) else 0.0
    rules = {
        Measure.REASON: partial(replace, rule, switched_on=True),
        Measure.PROBABILITY: partial(replace, rule, least_probability=found),
        Measure.VALUE: partial(replace, rule, least_value=max(0, round(found)), cost=0),
    }
    if check.measure in rules:
        return replace(policy, reasons={**policy.reasons, reason: rules[check.measure]()})
    wider = {
        Measure.AGE: {"fresh_days": 3650},
        Measure.TIER: {"left_out_tiers": ()},
        Measure.REGION: {"left_out_regions": ()},
        Measure.STAKE: {"least_stake": round(found)},
        Measure.DAYS_SINCE_CLOSED: {"cool_down": {}, "cool_down_days": 0},
    }
    return replace(policy, **wider.get(check.measure, {}))


def passes(data: DataFolder, judged: SignalJudged, policy: Policy) -> bool:
    """Whether the gate that did not let a signal pass does so once it asks for no more."""
    check, ref = judged.gates[-1], judged.signal
    if check.measure is Measure.PLACE_IN_LINE:
        assert isinstance(check.actual, float)
        return line_check(round(check.actual), round(check.actual)).passed
    ((name, said),) = rows(log_file(data.path), SIGNAL, ref.projection, ref.sequence)
    signal = REGISTRY.decode(str(name), bytes(said))
    assert isinstance(signal, AnomalyRaised | RiskRaised | RiskStanding)
    reason = reason_of(signal)
    wider = changed(policy, reason, check)
    evidence = evidence_of(signal, wider)
    value = priority(reason, signal.stake.currency, (evidence,), wider).value
    case = Case(reason, signal.placement, evidence, value, Emission.LIVE, 0)
    asked = [each for each in judge(case, None, wider, judged.day) if each.measure is check.measure]
    return len(asked) == 1 and asked[0].passed


def check_year(data: DataFolder) -> int:
    """Hold the tasks of a folder to the policy; return how many customers without one were looked at."""
    policy, queries = load_policy(POLICY), SqliteDeskFile(data.desk)
    reader = DeskReader(queries)
    try:
        tasks = asyncio.run(reader.inbox(InboxQuery(limit=1000))).tasks
        judged = [
            msgspec.json.decode(blob(row), type=SignalJudged) for (row,) in queries.fetch(JUDGED)
        ]
    finally:
        reader.close()
        queries.close()
    withheld = sorted(
        (each for each in judged if each.verdict is Verdict.WITHHELD),
        key=lambda each: (each.kind.value != "standing", each.customer_id, each.signal.sequence),
    )
    given: dict[str | None, int] = {}
    for task in tasks:
        assert value_of(task.priority) == task.priority.value
        given[task.manager] = given.get(task.manager, 0) + 1
    assert sorted(map(str, given)) == ["AM-1", "AM-2"]
    assert max(given.values()) <= policy.opening_limit
    without = {each.customer_id: each for each in reversed(withheld)}
    for task in tasks:
        for customer_id in task.customers:
            without.pop(customer_id, None)
    looked_at = list(without.values())[-100:]
    assert len({each.gates[-1].measure for each in looked_at}) > 2
    for judged in looked_at:
        assert judged.verdict is Verdict.WITHHELD
        assert passes(data, judged, policy), judged
    return len(looked_at)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_sample_goes_through_to_tasks(tmp_path: Path) -> None:
    data = imported(tmp_path, SAMPLES / "online-retail-sample.csv.gz")

    assert check_year(data) == 100
    assert holdfast("verify", "--data", data.path).code == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_whole_year_goes_through_to_tasks(datasets: Path, tmp_path: Path) -> None:
    data = imported(tmp_path, datasets / "online_retail.csv.gz")

    assert check_year(data) == 100
    assert holdfast("verify", "--data", data.path).code == 0
