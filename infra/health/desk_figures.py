"""The figures that alerts show at ``/metrics``, by Prometheus' naming."""

from contextlib import suppress

from prometheus_client import CollectorRegistry, Gauge


class DeskFigures:
    """What one alerts process shows. Of the desk as a whole the one shows that leads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.halted = Gauge(
            "holdfast_halted",
            "1 where a partition of crm.signals stands still.",
            ("partition",),
            registry=registry,
        )
        self.leads = Gauge(
            "holdfast_desk_leads",
            "1 where this process does what one does at a time, 0 in stand-by.",
            registry=registry,
        )
        self.waiting = Gauge(
            "holdfast_desk_signals_waiting",
            "Signals that are not decided on; by the process that leads.",
            registry=registry,
        )
        self.oldest = Gauge(
            "holdfast_desk_oldest_undecided_seconds",
            "Age of the oldest signal that is not decided on, 0 for none; by the process that leads.",
            registry=registry,
        )
        self.open_tasks = Gauge(
            "holdfast_desk_open_tasks",
            "Tasks that are open, by state; by the process that leads.",
            ("state",),
            registry=registry,
        )
        self.unpublished = Gauge(
            "holdfast_desk_unpublished_events",
            "Events of the desk that crm.tasks does not have yet; by the process that leads.",
            registry=registry,
        )

    def forget(self, partition: int) -> None:
        """Show nothing more of a partition that another process has now."""
        with suppress(KeyError):
            self.halted.remove(str(partition))
