"""`holdfast health`: how the service on this machine does, for container health checks and for people."""

import json
from http.client import HTTPConnection
from typing import Annotated

import typer

from infra.health.settings import HealthSettings

UNWELL = 1
SECONDS_TO_ANSWER = 3.0

app = typer.Typer()


@app.command("health")
def health(
    live: Annotated[
        bool, typer.Option("--live", help="Ask whether it lives, not whether it is ready.")
    ] = False,
) -> None:
    """Print how the service does that tells so at HOLDFAST_HEALTH_PORT; exit with 1 if not well."""
    settings = HealthSettings()
    asking = HTTPConnection(settings.host, settings.port, timeout=SECONDS_TO_ANSWER)
    try:
        asking.request("GET", "/health/live" if live else "/health/ready")
        answer = asking.getresponse()
        report = json.loads(answer.read())
    except OSError as error:
        typer.echo(f"{settings.host}:{settings.port} does not answer: {error}")
        raise typer.Exit(UNWELL) from error
    finally:
        asking.close()
    for part in report["parts"]:
        typer.echo(f"{part['part']}: {part['condition']} {part['reason']}".rstrip())
    if answer.status != 200:
        raise typer.Exit(UNWELL)
