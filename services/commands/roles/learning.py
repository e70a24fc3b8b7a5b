"""`holdfast learning`."""

import typer

from services.commands.roles.beginning import begun
from services.distributed.learning import learning_role
from services.worker import run_role

app = typer.Typer()


@app.command()
def learning(context: typer.Context) -> None:
    """Kafka mode: learn the models; of several such processes one learns at a time."""
    servers = begun(context)
    run_role(lambda: learning_role(servers))
