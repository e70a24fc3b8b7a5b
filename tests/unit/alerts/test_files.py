"""Policy and managers are read whole or refused with file and line."""

import datetime
from pathlib import Path

import pytest

from domain.retention.policy import DEFAULT_RULES, Policy
from domain.retention.working_time import WorkingTime
from events.desk import Leave, ManagerListed
from events.signals import SignalReason
from events.task_values import Outcome
from services.alerts.managers_file import load_managers
from services.alerts.policy_file import PolicyFileError, load_policy

SAMPLES = Path(__file__).parents[3] / "samples"

POLICY = """\
reasons:
  churn-risk:
    save_rate: 0.3
    cost: 4500
left_out_tiers: [bronze]
cool_down:
  false-alarm: 90
working_time:
  opens: "08:30"
  closes: "17:30"
  weekdays: [tuesday, monday]
"""
MANAGERS = """\
managers:
  - code: AM-1
    capacity: 20
    regions: [north]
    backup: AM-2
    leave:
      - {first: "2011-09-12", last: "2011-09-16"}
  - code: AM-2
    capacity: 15
    lead: true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_policy_says_what_differs_from_that_of_the_release(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, POLICY))

    rule = policy.rule(SignalReason.CHURN_RISK)
    assert (rule.save_rate, rule.cost, rule.least_probability) == (0.3, 4500, 0.5)
    assert policy.rule(SignalReason.UNUSUALLY_QUIET) == DEFAULT_RULES[SignalReason.UNUSUALLY_QUIET]
    assert policy.left_out_tiers == ("bronze",)
    assert policy.rest_after(Outcome.FALSE_ALARM) == 90
    assert policy.working_time == WorkingTime(8 * 60 + 30, 17 * 60 + 30, (0, 1))


def test_without_a_file_the_policy_of_the_release_holds() -> None:
    assert load_policy(None) == Policy()


def test_managers_are_read_with_regions_backup_and_leave(tmp_path: Path) -> None:
    leave = Leave(datetime.date(2011, 9, 12), datetime.date(2011, 9, 16))

    assert load_managers(written(tmp_path, MANAGERS)) == (
        ManagerListed("AM-1", 20, ("north",), "AM-2", (leave,)),
        ManagerListed("AM-2", 15, lead=True),
    )
    assert load_managers(None) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    cost: 4500", "    costs: 4500", "4: unknown key 'reasons.churn-risk.costs'"),
        ("save_rate: 0.3", "save_rate: 3", "3: reasons.churn-risk.save_rate: "),
        ("churn-risk", "bad-mood", "2: reasons.bad-mood.[key]: "),
        ('"08:30"', '"half past"', "9: working_time.opens: 'half past' is no time"),
        ("tuesday", "someday", "8: working_time: 'someday' is no weekday"),
        ('"17:30"', '"08:00"', "8: working_time: it must open before it closes"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = written(tmp_path, POLICY.replace(old, new))

    with pytest.raises(PolicyFileError) as refused:
        load_policy(path)
    assert str(refused.value).startswith(f"{path}:{said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("capacity: 20", "capacities: 20", "3: unknown key 'managers.0.capacities'"),
        ("backup: AM-2", "backup: AM-9", "1: the managers' file: the backup of 'AM-1', 'AM-9'"),
        ("code: AM-2", "code: AM-1", "1: the managers' file: 'AM-1' is named twice"),
        ('last: "2011-09-16"', 'last: "2011-09-01"', "7: managers.0.leave.0: a leave ends"),
    ],
)
def test_wrong_managers_are_refused_with_their_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = written(tmp_path, MANAGERS.replace(old, new))

    with pytest.raises(PolicyFileError) as refused:
        load_managers(path)
    assert str(refused.value).startswith(f"{path}:{said}")


def test_the_samples_are_read() -> None:
    policy = load_policy(SAMPLES / "task-policy.yaml")
    managers = load_managers(SAMPLES / "managers.yaml")

    assert policy.opening_limit > 0
    assert {manager.backup for manager in managers} <= {manager.code for manager in managers} | {
        None
    }
