"""The figures that the console shows at ``/metrics``, by Prometheus' naming."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge


def show_console(
    registry: CollectorRegistry, *, stale: Callable[[], bool], behind: Callable[[], int]
) -> None:
    """Show whether pages call themselves stale, and how many records are not folded in."""
    Gauge(
        "holdfast_console_stale",
        "1 where pages say that what they show may be out of date.",
        registry=registry,
    ).set_function(stale)
    Gauge(
        "holdfast_console_records_behind",
        "Records of crm.facts that are not folded into what pages show.",
        registry=registry,
    ).set_function(behind)
