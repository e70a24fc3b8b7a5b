"""The benchmarks run at tiny sizes, so that they cannot rot; their figures are not judged here."""

import pytest
from redis import Redis

from bench.__main__ import main
from bench.figures import Baseline, Figure
from bench.kafka_mode import what_is_missing
from bench.rows import what_rows_lack
from bench.synthetic import Firm, facts_of
from bench.timing import in_turn
from events.catalogue import REGISTRY
from tests.support.redis_server import RedisServer

FIRM = Firm(facts=600, customers=20, days=6)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "costs",
            [
                "decode at the door crm.usage",
                "decode from the log crm.usage",
                "fold crm.order",
                "detect",
            ],
        ),
        ("learning", ["learn a label", "feed a snapshot", "score alone", "score in a batch"]),
        ("folding", ["rebuild, 2,000 facts", "read and decode alone", "p99", "largest"]),
        ("door", ["single POST: rate", "batches of 1,000: rate", "FastAPI no-op"]),
        ("metering", ["false alarms", "-50 %, recall", "feed late", "used and closed"]),
        (
            "desk",
            ["signals that open a task", "inbox, first page", "accept, to its row", "desk.db"],
        ),
        ("inbox", ["page of a manager", "page found by a search", "command to row"]),
        ("cards", ["the card with most facts", "a page that folds nothing"]),
        ("retail", ["1,500 lines", "import, folded to the end", "verify"]),
    ],
)
def test_each_benchmark_prints_its_figures(
    name: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--quick", name])

    printed = capsys.readouterr().out
    assert [words for words in said if words not in printed] == []


def test_states_in_redis_are_measured_on_the_server_that_is_named(
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOLDFAST_REDIS_URL", redis_server.settings.url)

    main(["--quick", "redis"])

    printed = capsys.readouterr().out
    said = ("commit", "load", "first chunk of 4,100 due", "further chunk", "memory, due", "file")
    assert [words for words in said if words not in printed] == []
    with Redis(port=redis_server.port) as client:
        assert list(client.scan_iter("holdfast:{bench:*")) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stream", ["append, as an import does", "one process", "two processes", "processor time"]),
        ("kafka_door", ["single POST: rate", "batches of 1,000: rate", "FastAPI no-op"]),
        ("latency", ["POST to signal: p50", "p99", "POST to its 202"]),
        ("rows", ["POST to row: p50", "p99", "console, of one core"]),
        ("backup", ["in 64 partitions", "bytes a record", "every byte checked", "written back"]),
    ],
)
def test_each_benchmark_of_kafka_mode_prints_its_figures(
    name: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = what_is_missing() or (what_rows_lack() if name == "rows" else None)
    if lacking is not None:
        pytest.skip(lacking)

    main(["--quick", name])

    printed = capsys.readouterr().out
    assert [words for words in said if words not in printed] == []


def test_a_benchmark_whose_server_is_not_named_says_what_to_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "redis"])

    assert "redis cannot run: set HOLDFAST_REDIS_URL" in capsys.readouterr().err


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "weather"])

    assert (
        "unknown: weather; there are costs, learning, folding, door, retail, quality, metering, desk,"
        " redis, stream, kafka_door, latency, backup, inbox" in capsys.readouterr().err
    )


def test_a_figure_is_the_median_of_its_repeats_and_its_ratio_that_of_the_pairs() -> None:
    figure = Figure(
        "rate", "facts/s", (90.0, 100.0, 10.0), Baseline("no-op", (100.0, 200.0, 100.0))
    )

    assert figure.median == 90.0
    assert figure.ratio == 0.5


def test_a_figure_without_a_baseline_has_no_ratio() -> None:
    assert Figure("size", "bytes", (328.0,)).ratio is None


def test_work_and_baseline_take_turns() -> None:
    ran: list[str] = []

    timed = in_turn(lambda: ran.append("work"), lambda: ran.append("baseline"), 1, 3)

    assert ran == ["work", "baseline"] * 3
    assert (len(timed.work), len(timed.baseline)) == (3, 3)


def test_a_made_up_firm_has_the_facts_days_and_customers_asked_for() -> None:
    facts = list(facts_of(FIRM))

    assert len(facts) == 600
    assert len({fact.id for fact in facts}) == 600
    assert len({fact.day for fact in facts}) == 6
    assert len({fact.customer_id for fact in facts}) <= 20


def test_a_made_up_firm_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    other = Firm(facts=600, customers=20, days=6, seed=7)

    assert list(facts_of(FIRM)) == list(facts_of(FIRM))
    assert list(facts_of(other)) != list(facts_of(FIRM))


def test_made_up_facts_come_in_the_order_of_their_times_and_each_on_its_day() -> None:
    facts = list(facts_of(FIRM))

    assert [fact.time for fact in facts] == sorted(fact.time for fact in facts)
    assert all(fact.time // 86_400_000_000 == fact.day for fact in facts)


def test_made_up_facts_decode_as_the_types_that_they_bear() -> None:
    names = {REGISTRY.name_of(REGISTRY.decode(fact.type, fact.data)) for fact in facts_of(FIRM)}

    assert names == {"crm.usage.recorded.v1", "crm.order.placed.v1"}
