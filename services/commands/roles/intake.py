"""`holdfast intake`."""

import typer

from services.commands.roles.beginning import begun
from services.distributed.intake import intake_role
from services.ingest.from_kafka.settings import IntakeSettings
from services.worker import run_role

app = typer.Typer()


@app.command()
def intake(context: typer.Context) -> None:
    """Kafka mode: take what systems publish to crm.intake to the door of ingest."""
    settings, servers = IntakeSettings(), begun(context)
    run_role(lambda: intake_role(servers, settings))
