"""The `holdfast` command.

Exit codes: 0 done, 1 a verification or a check found differences, 2 refused or failed (the reason on
stderr).
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError

from infra.mendable import MendableError
from schemas.topic_files import TopicFileError
from services.commands.terminal import Terminal
from services.configuration_file import load_settings_file
from services.logs import log_warnings_only
from services.ops.rendering.safe import escaped

REFUSALS = (MendableError, OSError, TopicFileError, ValidationError)
"""What a user can mend; the message says how. Anything else is a fault of ours, with its trace."""

REFUSED = 2

SERVICES = frozenset(
    {"serve", "ingest", "intake", "profiles", "learning", "alerts", "archive", "console"}
)
"""Commands that go on until they are stopped: what they say goes where the rest of their logs goes."""

MODULES = {
    "import": "importing",
    **dict.fromkeys(("flagged", "card", "tail", "evaluate", "status", "dlq"), "reading"),
    **dict.fromkeys(("serve", "clock", "rebuild", "verify"), "operating"),
    **{service: f"roles.{service}" for service in sorted(SERVICES - {"serve"})},
    **dict.fromkeys(("backup", "restore"), "backup"),
    "source": "sources",
    **dict.fromkeys(("inbox", "why"), "task_reading"),
    "task": "tasks",
    "topics": "topics",
    "config": "config",
    "health": "health",
}
"""Which module of `services.commands` has which command."""


logger = structlog.get_logger()


def begin(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="Language of what is shown: en or zh.")] = None,
) -> None:
    """Keep the customers you would lose: facts in, flagged customers out, and a proof of both."""
    context.obj = Terminal(lang)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the module of the command that is named, or with all of them.

    Whoever writes loads the whole engine, the learner's libraries among it, which takes a second or
    more; whoever only looks need not wait for that.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(begin)
    named = next((argument for argument in arguments if argument in MODULES), None)
    wanted = MODULES.values() if named is None else (MODULES[named],)
    for module in dict.fromkeys(wanted):
        app.add_typer(importlib.import_module(f"services.commands.{module}").app)
    return app


def main() -> None:
    """Run the command; say what a user can mend on stderr, without a trace."""
    try:
        load_settings_file()
        log_warnings_only()
        app_for(sys.argv[1:])()
    except REFUSALS as error:
        _say(_words(error))
        sys.exit(REFUSED)


def _say(refusal: str) -> None:
    if structlog.is_configured() and SERVICES.intersection(sys.argv[1:]):
        logger.error("this process ends", reason=refusal)
    else:
        typer.echo(f"holdfast: {escaped(refusal)}", err=True)


def _words(error: Exception) -> str:
    """Return what an error says, on one line: of settings, which is wrong and what it is."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"HOLDFAST_{'.'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}, not {wrong['input']!r}"
        for wrong in error.errors()
    )
