"""The `holdfast` command.

Exit codes: 0 done, 1 a verification or a check found differences, 2 refused or failed (the reason on stderr).
"""

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from infra.archive.slices import DamagedMarkError
from infra.folder import FolderInUseError
from infra.kafka.cluster_errors import ClusterError
from infra.kafka.settings import KafkaSettingsError
from infra.log.head import DamagedControlError
from infra.log.port import LogUnavailableError
from infra.log.transaction import ImportUnderWayError
from infra.messages.language import UnknownLanguageError
from infra.sqlite.connection import StoreError
from infra.state.port import IdentityMismatchError
from infra.stream.release import OtherReleaseError
from infra.stream.runner import HaltedError, ReplacedLogError
from schemas.topic_files import TopicFileError
from services.commands import importing, operating, reading, topics
from services.commands.terminal import Terminal
from services.ingest.clock import ClockRefusedError
from services.ingest.importing.refusals import ImportRefusedError
from services.logs import log_warnings_only
from services.ops.moments import UnreadableTimeError
from services.ops.reading import EmptyLogError
from services.ops.rendering.safe import escaped
from services.ops.tail import TopicWithoutCustomersError, UnknownTopicError
from services.remote import RemoteRefusedError
from services.serving import PortInUseError

REFUSALS = (
    ClockRefusedError,
    ClusterError,
    DamagedControlError,
    DamagedMarkError,
    EmptyLogError,
    FolderInUseError,
    HaltedError,
    IdentityMismatchError,
    ImportRefusedError,
    ImportUnderWayError,
    KafkaSettingsError,
    LogUnavailableError,
    OSError,
    OtherReleaseError,
    PortInUseError,
    RemoteRefusedError,
    ReplacedLogError,
    StoreError,
    TopicFileError,
    TopicWithoutCustomersError,
    UnknownLanguageError,
    UnknownTopicError,
    UnreadableTimeError,
    ValidationError,
)
"""What a user can mend; the message says how. Anything else is a fault of ours, with its trace."""

REFUSED = 2

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for group in (importing.app, reading.app, operating.app, topics.app):
    app.add_typer(group)


@app.callback()
def begin(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="Language of what is shown: en or zh.")] = None,
) -> None:
    """Keep the customers you would lose: facts in, flagged customers out, and a proof of both."""
    context.obj = Terminal(lang)


def main() -> None:
    """Run the command; say what a user can mend on stderr, without a trace."""
    log_warnings_only()
    try:
        app()
    except REFUSALS as error:
        typer.echo(f"holdfast: {escaped(_words(error))}", err=True)
        sys.exit(REFUSED)


def _words(error: Exception) -> str:
    """Return what an error says, on one line: of settings, which is wrong and what it is."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"HOLDFAST_{'.'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}, not {wrong['input']!r}"
        for wrong in error.errors()
    )
