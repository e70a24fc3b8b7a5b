"""Declaring a source's feed: in the serving process or without one, by an import's map, and what comes of it."""

import json
from pathlib import Path

import msgspec
import pytest

from events.calendar import date_of
from tests.faults.commands import Ended, holdfast, serving
from tests.support.given import DAY
from tests.support.metered import ordinary

REFUSED = 2
OUTAGE, LOST, DAYS = 70, 74, 80
MAP = """
source: meter
log:
  timezone: UTC
  currency: GBP
  sources:
    meter: {services: [mobile-data], delay: 1}
columns:
  day: {type: time, format: "%Y-%m-%d", timezone: UTC}
  customer: text
  used: decimal
facts:
  - type: crm.usage.recorded.v1
    id: "{customer} {day}"
    time: day
    data:
      customer: {system: meter, key: {$column: customer}}
      service: mobile-data
      quantity: {value: {$column: used}, unit: GB}
"""


class Folder(msgspec.Struct, frozen=True):
    """A data folder of metered use, imported by a map that declares its feed."""

    data: Path
    imported: Ended


def rows() -> list[str]:
    """Two customers every day; one of them has an outage, and of one day nothing ever came."""
    return [
        f"{date_of(DAY + day)},{customer},{ordinary(day):.2f}"
        for day in range(DAYS)
        for customer in ("anna", "bert")
        if day != LOST and (customer, day) != ("anna", OUTAGE)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The log's clock stands on the day after the last one of the file."""
    place = tmp_path_factory.mktemp("metered")
    (place / "use.csv").write_text("\n".join(["day,customer,used", *rows(), ""]), "utf-8")
    (place / "use.map.yaml").write_text(MAP, "utf-8")
    data = place / "data"
    command = ["import", place / "use.csv", "--map", place / "use.map.yaml", "--data", data]
    return Folder(data, holdfast(*command))


def listed(data: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        holdfast("source", "list", "--json", "--data", data).out
    )
    return found


def test_an_import_declares_what_its_map_says(folder: Folder) -> None:
    assert folder.imported.code == 0

    assert listed(folder.data) == [
        {
            "source": "meter",
            "service": "mobile-data",
            "delay_days": 1,
            "closed": str(date_of(DAY + DAYS - 3)),
            "verdict": "arrived",
        }
    ]


def signals(data: Path) -> list[tuple[str, str, str]]:
    """(type, reason, day of what was used) of every signal."""
    lines = holdfast("tail", "crm.signals", "--json", "--limit", "99", "--data", data).out
    records = [json.loads(line) for line in lines.splitlines()]
    return [
        (record["type"], data["reason"], data["figures"]["day"])
        for record in records
        if "reason" in (data := record["data"])
    ]


def test_the_outage_is_raised_and_over_and_the_lost_day_is_no_zero(folder: Folder) -> None:
    day = str(date_of(DAY + OUTAGE))

    assert signals(folder.data) == [
        ("crm.anomaly.raised.v3", "consumption-drop", day),
        ("crm.anomaly.cleared.v2", "consumption-drop", day),
    ]


def test_the_card_shows_what_is_usual(folder: Folder) -> None:
    shown = holdfast("card", "bert", "--data", folder.data)

    assert shown.code == 0
    assert "Usual a day" in shown.out


def test_the_card_of_a_day_gone_by_says_why_in_figures(folder: Folder) -> None:
    at = str(date_of(DAY + OUTAGE + 2))

    shown = " ".join(holdfast("card", "anna", "--at", at, "--data", folder.data).out.split())
    chinese = holdfast("--lang", "zh", "card", "anna", "--at", at, "--data", folder.data).out

    assert "mobile-data: used 0 GB on" in shown
    assert "consumption dropped since" in shown
    assert "behind it: 27 records of use from" in shown
    assert "mobile-data：" in chinese


def test_it_is_verified_byte_by_byte(folder: Folder) -> None:
    assert holdfast("verify", "--data", folder.data).code == 0


def test_a_feed_is_declared_and_taken_back_without_a_serving_process(folder: Folder) -> None:
    declared = holdfast(
        *("source", "schedule", "switch", "--service", "voice", "--service", "sms"),
        *("--delay", "2", "--data", folder.data),
    )
    services = [feed["service"] for feed in listed(folder.data)]
    taken_back = holdfast("source", "unschedule", "switch", "--data", folder.data)

    assert declared.out == "switch sends sms, voice every day, up to 2 days late.\n"
    assert services == ["mobile-data", "sms", "voice"]
    assert taken_back.out == "switch has no schedule any more.\n"
    assert [feed["service"] for feed in listed(folder.data)] == ["mobile-data"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("switch", "--service", "voice", "--delay", "8"),
            "8: a day's feed may be 0 to 7 days late",
        ),
        (("switch", "--service", "Voice"), "'Voice': a service has a code of 1 to 24"),
        (("switch", "--service", "mobile-data"), "source meter has declared mobile-data already"),
    ],
)
def test_a_bad_schedule_is_refused(
    folder: Folder, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = holdfast("source", "schedule", *arguments, "--data", folder.data)

    assert ended.code == REFUSED
    assert complaint in ended.complaint


def test_without_a_log_there_is_nothing_to_declare(tmp_path: Path) -> None:
    ended = holdfast(
        "source", "schedule", "meter", "--service", "data", "--data", tmp_path / "none"
    )

    assert ended.code == REFUSED
    assert "holdfast import` or `holdfast serve` makes it" in ended.complaint


def test_a_serving_process_takes_a_schedule_while_it_serves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data):
        declared = holdfast("source", "schedule", "meter", "--service", "voice", "--data", data)
        refused = holdfast("source", "schedule", "other", "--service", "voice", "--data", data)
        shown = holdfast("source", "list", "--data", data)

    assert (declared.code, declared.err) == (0, "")
    assert declared.out == "meter sends voice every day, up to 0 days late.\n"
    assert refused.code == REFUSED
    assert "source meter has declared voice already" in refused.complaint
    assert "voice" in shown.out
    assert "none yet" in shown.out
