"""A customer's past: what was spent and used beside what was expected, as of any day."""

import datetime
from pathlib import Path

import pytest

from events.signals import SignalReason
from infra.folder import DataFolder
from services.ops.customer_past import CustomerPast, past_of
from services.ops.personal import Personal, personal_of
from services.ops.spend_history import silences, spend_periods
from services.ops.usage_history import usage_histories
from tests.unit.console.consoles import SCRIPT, UNTIL, peopled
from tests.unit.ops.folders import START, id_of, moment, read


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return peopled(tmp_path_factory.mktemp("past") / "data")


def past(folder: DataFolder, days: int | None = None, key: str = "A") -> CustomerPast:
    instant = None if days is None else moment(days)
    found = read(folder, lambda reading: past_of(reading, id_of(key), instant))
    assert found is not None
    return found


def test_spend_is_added_up_by_four_weeks_back_from_today(folder: DataFolder) -> None:
    periods = spend_periods(past(folder))

    assert [(period.orders, period.spent) for period in periods] == [
        (2, 20_000),
        (6, 60_000),
        (3, 30_000),
        (0, 0),
    ]
    assert periods[-1].last_day == START + datetime.timedelta(days=UNTIL + 1)
    assert periods[0].expected is None
    last = periods[-1].expected
    assert last is not None
    assert last.low < last.expected <= last.high
    assert last.high == pytest.approx(3 * last.low)


def test_a_silence_lasts_from_the_last_order_on(folder: DataFolder) -> None:
    (silence,) = silences(past(folder))

    assert silence.last_order == START + datetime.timedelta(days=50)
    assert silence.over_on is None


def test_use_stands_beside_what_was_usual_on_that_day(folder: DataFolder) -> None:
    (history,) = usage_histories(past(folder))
    odd = [day for day in history.days if day.anomaly]

    assert (history.service, history.unit, len(history.days)) == ("mobile-data", "GB", 91)
    assert [(day.total, day.anomaly) for day in odd] == [(0.0, SignalReason.CONSUMPTION_DROP)]
    usual = odd[0].usual
    assert usual is not None
    assert 0 < usual.low < usual.expected < usual.high


def test_the_past_of_an_earlier_day_knows_nothing_of_later_ones(folder: DataFolder) -> None:
    earlier, now = past(folder, 60), past(folder)

    assert len(earlier.facts) < len(now.facts)
    assert earlier.risk == now.risk[: len(earlier.risk)]
    assert earlier.expected == now.expected[: len(earlier.expected)]
    assert silences(earlier) == ()


def test_nothing_is_known_before_the_first_fact(folder: DataFolder, tmp_path: Path) -> None:
    assert read(folder, lambda reading: past_of(reading, id_of("A"), moment(-9))) is None


def test_a_name_is_what_was_registered_last(folder: DataFolder) -> None:
    assert personal_of(past(folder).facts) == Personal(SCRIPT)
    assert personal_of(past(folder, key="B").facts) == Personal()
