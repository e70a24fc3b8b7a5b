"""`holdfast profiles`."""

import typer

from services.commands.roles.beginning import begun
from services.distributed.profiles import profiles_role
from services.worker import run_role

app = typer.Typer()


@app.command()
def profiles(context: typer.Context) -> None:
    """Kafka mode: fold facts into states; such processes share the partitions among them."""
    servers = begun(context)
    run_role(lambda: profiles_role(servers))
