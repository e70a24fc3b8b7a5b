"""`holdfast alerts`."""

import typer

from services.alerts.settings import AlertsSettings, DeskSettings
from services.commands.roles.beginning import begun
from services.distributed.alerts import alerts_role
from services.worker import run_role

app = typer.Typer()


@app.command()
def alerts(context: typer.Context) -> None:
    """Kafka mode: make tasks of signals; such processes share the signals, and one of them tells."""
    servers = begun(context)
    run_role(lambda: alerts_role(servers, AlertsSettings(), DeskSettings()))
