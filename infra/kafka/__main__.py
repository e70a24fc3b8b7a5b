"""A developer's broker from the shell: ``python -m infra.kafka start | env | stop | jars``."""

import argparse
import shlex
import sys
from pathlib import Path

from infra.kafka.broker import Broker, BrokerFailedError
from infra.kafka.broker_folder import ADMIN, USERS
from infra.kafka.jars import JarsUnavailableError, ToolMissingError, ensure_jars
from infra.kafka.settings import PREFIX, KafkaSettings

DEFAULT_FOLDER = Path("build/kafka")


def main() -> None:
    """Do one thing; what a user can mend goes to stderr with exit code 2."""
    asked = _arguments()
    try:
        _do(asked.what, Broker(asked.folder), asked.user)
    except (BrokerFailedError, JarsUnavailableError, ToolMissingError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def variables(settings: KafkaSettings) -> dict[str, str]:
    """Return the environment by which every `holdfast` command signs in as these settings do."""
    values = {
        "BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "SECURITY_PROTOCOL": settings.security_protocol.value,
        "SASL_USER": settings.sasl_user or "",
        "SASL_PASSWORD": settings.password,
        "REPLICATION": str(settings.replication),
        "MIN_INSYNC": str(settings.min_insync),
    }
    if settings.topic_prefix:
        values["TOPIC_PREFIX"] = settings.topic_prefix
    return {PREFIX + name: value for name, value in values.items()}


def environment(settings: KafkaSettings) -> str:
    """Return the same as lines for a shell."""
    return "".join(
        f"export {name}={shlex.quote(value)}\n" for name, value in variables(settings).items()
    )


def _do(what: str, broker: Broker, user: str) -> None:
    match what:
        case "jars":
            sys.stdout.write(f"{ensure_jars()}\n")
        case "start":
            broker.prepare()
            broker.start()
            sys.stdout.write(environment(broker.settings(user)))
        case "env":
            if not broker.is_running():
                raise BrokerFailedError(f"no broker runs in {broker.folder.path}; start it")
            sys.stdout.write(environment(broker.settings(user)))
        case _:
            broker.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.kafka", description=__doc__)
    parser.add_argument("what", choices=["start", "env", "stop", "jars"])
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where it keeps all")
    parser.add_argument("--user", choices=USERS, default=ADMIN, help="whom the lines sign in as")
    return parser.parse_args()


if __name__ == "__main__":
    main()
