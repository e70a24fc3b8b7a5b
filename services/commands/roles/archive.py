"""`holdfast archive`."""

import typer

from services.commands.roles.beginning import begun
from services.distributed.archive import archive_role
from services.worker import run_role

app = typer.Typer()


@app.command()
def archive(context: typer.Context) -> None:
    """Kafka mode: keep facts and all that was said of them in PostgreSQL, for whoever looks."""
    servers = begun(context)
    run_role(lambda: archive_role(servers))
