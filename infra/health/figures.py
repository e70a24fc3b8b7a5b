"""The figures that a service shows at ``/metrics``, by Prometheus' naming."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class WorkerFigures:
    """What the profiles of one process show of their partitions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("partition",)
        self.facts = Counter(
            "holdfast_facts_folded",
            "Records of crm.facts that were folded.",
            labels,
            registry=registry,
        )
        self.lag_events = Gauge(
            "holdfast_lag_events",
            "Records of crm.facts ahead of the state.",
            labels,
            registry=registry,
        )
        self.lag_seconds = Gauge(
            "holdfast_lag_seconds",
            "Age of the last record folded, where there are more ahead; else 0.",
            labels,
            registry=registry,
        )
        self.open_day = Gauge(
            "holdfast_open_day",
            "The day that a partition is in, in days since 1970-01-01; the lowest is the oldest"
            " that is not closed.",
            labels,
            registry=registry,
        )
        self.quarantined = Gauge(
            "holdfast_quarantined_customers",
            "Customers whose facts could not be folded.",
            labels,
            registry=registry,
        )
        self.halted = Gauge(
            "holdfast_halted", "1 where a partition stands still.", labels, registry=registry
        )

    def forget(self, partition: int) -> None:
        """Show nothing more of a partition that another process has now."""
        for figure in (
            self.lag_events,
            self.lag_seconds,
            self.open_day,
            self.quarantined,
            self.halted,
        ):
            figure.remove(str(partition))


class DoorFigures:
    """What ingest shows of what came in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "holdfast_events",
            "Events that came in, by what became of them: accepted, duplicate, or why refused.",
            ("outcome",),
            registry=registry,
        )
        self.dead_letters = Counter(
            "holdfast_dead_letters",
            "Events that were set aside, by reason.",
            ("reason",),
            registry=registry,
        )
        self.active = Gauge(
            "holdfast_writer_active",
            "1 where this process writes the log, 0 in stand-by.",
            registry=registry,
        )
