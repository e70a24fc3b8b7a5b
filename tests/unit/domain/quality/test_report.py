"""The report: from day 28 on, what is not known yet said as null, and when that will change."""

import datetime

import msgspec

from domain.learning.quality.labelling import SnapshotLabels
from domain.learning.quality.report import QualityReport, report
from tests.unit.domain.quality.scores import FIRST_DAY, dated, taken


def reported(last: int, customers: int = 20) -> QualityReport:
    """Customers on all weekdays, half of whom bought once more on day 60; as of a day."""
    labels = SnapshotLabels()
    for day in range(1, last + 1):
        for number in range(customers):
            if (day - number) % 7 == 0:
                bought = 60 if number % 2 and day > 60 else 0
                score = -1.0 if number % 2 else 1.0
                labels.add(taken(f"{number:03d}", day, bought, score, f"m{day}"))
    return report("first", labels, FIRST_DAY, FIRST_DAY + last)


def test_who_bought_again_did_not_churn_before_that_and_did_after() -> None:
    found = reported(200)

    assert found.all_ticks.all.auc is not None
    assert found.all_ticks.all.labels == sum(group.all.labels for group in found.by_month)
    assert found.by_month[0].name == "2011-02"
    assert found.by_month[0].all.auc == 1.0
    assert found.by_month[-1].all.auc is None, "after day 60 everybody churned"


def test_snapshots_before_day_28_count_in_no_figure() -> None:
    found = reported(91 + 34)

    assert found.labels.oldest_day == dated(1)
    assert found.all_ticks.all.labels == 20
    assert found.all_ticks.all.ticks == 1
    assert found.by_month[0].first_day == dated(28)


def test_the_cold_start_ends_at_day_126() -> None:
    found = reported(300)

    assert found.days_28_126.all.ticks == 14
    assert found.all_ticks.all.ticks == 26
    assert found.second_half.all.ticks == 13


def test_before_the_first_label_every_section_is_null_and_the_day_is_said() -> None:
    found = reported(100)

    assert found.labels.released > 0
    assert (found.all_ticks.all.labels, found.all_ticks.all.auc) == (0, None)
    assert found.second_half.active.labels == found.days_28_126.all.labels == 0
    assert (found.by_month, found.by_segment, found.by_model, found.models) == ((), (), (), 0)
    assert found.first_figure_on == dated(28 + 91)


def test_the_day_of_the_first_figure_is_known_before_the_first_snapshot_that_counts() -> None:
    assert reported(10).first_figure_on == dated(28 + 91)
    assert reported(0).first_figure_on is None


def test_a_log_that_began_late_says_so() -> None:
    labels = SnapshotLabels()
    labels.add(taken("anna", 400, 399))

    found = report("first", labels, FIRST_DAY, FIRST_DAY + 410)

    assert found.first_figure_on == dated(491)
    assert (found.labels.waiting, found.labels.released) == (1, 0)


def test_models_are_the_newest_twenty_of_all() -> None:
    found = reported(200)

    assert found.models == 200 - 91 - 28 + 1
    assert [group.name for group in found.by_model] == [f"m{day}" for day in range(90, 110)]


def test_a_report_is_written_as_json_that_reads_back() -> None:
    for last in (0, 100, 200):
        found = reported(last)
        text = msgspec.json.encode(found)

        assert b"NaN" not in text
        assert msgspec.json.decode(text, type=QualityReport) == found


def test_the_report_says_what_it_is_of() -> None:
    found = reported(200)

    assert (found.projection, found.horizon_days) == ("first", 91)
    assert found.as_of == datetime.date(2011, 8, 14)
    assert found.first_day == datetime.date(2011, 1, 26)
    assert found.labels.age_days == 91
