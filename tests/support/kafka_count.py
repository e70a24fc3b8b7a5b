"""How many tests ran on a real broker: told at the end of a run, and demanded by ``CI=true``."""

import os
from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

BROKERS = frozenset({"bare_broker", "odd_broker"})
FOLDERS = ("e2e/kafka/", "faults/soak/")
OUTCOMES = ("passed", "failed", "error", "skipped")


def mark(item: pytest.Item) -> None:
    """Mark a test that asks for a broker, by a fixture or as the backend of its contract."""
    backends = item.callspec.params.values() if hasattr(item, "callspec") else ()
    asked = BROKERS & set(getattr(item, "fixturenames", ()))
    by_place = any(folder in item.nodeid for folder in FOLDERS)
    if asked or "kafka" in backends or by_place:
        item.add_marker(pytest.mark.kafka)


def counts(reporter: TerminalReporter) -> Counter[str]:
    """How those tests ended, from all processes of the run."""
    return Counter(
        outcome
        for outcome in OUTCOMES
        for report in reporter.stats.get(outcome, ())
        if "kafka" in getattr(report, "keywords", ())
    )


def tell(reporter: TerminalReporter) -> None:
    """Write the line of the summary."""
    found = counts(reporter)
    told = ", ".join(f"{found[outcome]} {outcome}" for outcome in OUTCOMES)
    reporter.write_line(f"Tests on a real Kafka broker: {told}")


def are_missing(reporter: TerminalReporter) -> bool:
    """Whether continuous integration skipped one: there the broker is to be there."""
    return os.environ.get("CI") == "true" and counts(reporter)["skipped"] > 0
