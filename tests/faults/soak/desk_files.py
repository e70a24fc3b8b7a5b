"""The managers and the policy of a soak: everything is worth a task, so that there are many."""

from pathlib import Path

MANAGERS = """managers:
  - {code: AM-1, capacity: 4, backup: AM-2}
  - {code: AM-2, capacity: 4}
  - {code: TL-1, capacity: 0, lead: true}
"""
REASONS = (
    "churn-risk",
    "unusually-quiet",
    "consumption-drop",
    "consumption-spike",
    "consumption-shift-down",
    "consumption-shift-up",
)
POLICY = "least_stake: 0\ncool_down_days: 1\nreasons:\n" + "".join(
    f"  {reason}: {{least_value: 0, least_probability: 0, cost: 0}}\n" for reason in REASONS
)


def desk_files_in(folder: Path) -> dict[str, str]:
    """Write both; return the settings that name them."""
    (folder / "managers.yaml").write_text(MANAGERS, "utf-8")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    return {
        "HOLDFAST_MANAGERS": str(folder / "managers.yaml"),
        "HOLDFAST_TASK_POLICY": str(folder / "policy.yaml"),
    }
