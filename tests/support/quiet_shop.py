"""A shop whose customers order every week, until most of them fall silent: what raises tasks."""

import datetime
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

FIRST = datetime.date(2011, 1, 3)
WEEKS, SILENT_WEEKS = 20, 8
MAP = """
source: shop
log:
  timezone: UTC
  currency: GBP
columns:
  day: {type: time, format: "%Y-%m-%d", timezone: UTC}
  customer: text
  pence: integer
facts:
  - type: crm.order.placed.v1
    id: "{customer} {day}"
    time: day
    data:
      customer: {system: shop, key: {$column: customer}}
      order_id: {$text: "{customer} {day}"}
      total: {amount: {$column: pence}, currency: GBP}
"""
MANAGERS = """
managers:
  - {code: AM-1, capacity: 3}
  - {code: AM-2, capacity: 3}
  - {code: TL-1, capacity: 0, lead: true}
"""
POLICY = "opening_limit: 2\nleast_stake: 10000\n"


def lines(customers: int) -> list[str]:
    """Customer n spends n times ten pounds a week and falls silent; the last one goes on to the end."""
    found = []
    for week in range(WEEKS + SILENT_WEEKS):
        day = FIRST + datetime.timedelta(weeks=week)
        still = range(1, customers + 1) if week < WEEKS else (customers,)
        found += [f"{day},c{number:02d},{number * 1000}" for number in still]
    return found


def written(folder: Path, customers: int) -> list[str | Path]:
    """Write file, map, managers and policy; return the arguments of the import but its folder."""
    (folder / "sales.csv").write_text(
        "\n".join(["day,customer,pence", *lines(customers), ""]), "utf-8"
    )
    (folder / "sales.map.yaml").write_text(MAP, "utf-8")
    (folder / "managers.yaml").write_text(MANAGERS, "utf-8")
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    return ["import", folder / "sales.csv", "--map", folder / "sales.map.yaml", "--data"]


def with_team(folder: Path) -> Callable[[], None]:
    """What a process calls first, so that it knows managers and policy."""
    return partial(name_files, folder)


def name_files(folder: Path) -> None:
    """Name managers and policy in this process's environment."""
    os.environ["HOLDFAST_MANAGERS"] = str(folder / "managers.yaml")
    os.environ["HOLDFAST_TASK_POLICY"] = str(folder / "policy.yaml")
