"""What goes wrong between us and the brokers, told apart, each with the way on."""

from collections.abc import Sequence

from confluent_kafka import KafkaError

from infra.kafka.settings import PREFIX, KafkaSettings
from infra.mendable import MendableError


class ClusterError(MendableError, RuntimeError):
    """Something that whoever runs the command, or the brokers, can mend."""


class BrokerUnreachableError(ClusterError):
    """No broker answers."""


class BrokerNotTrustedError(ClusterError):
    """TLS does not come about: our authority did not sign the broker, or the broker refuses us."""


class SignInRefusedError(ClusterError):
    """The broker does not take user and password, or not this mechanism."""


class NotAllowedError(ClusterError):
    """The user holds no right to do this."""


class RefusedByBrokerError(ClusterError):
    """The broker answered that it will not, for a reason of its own."""


NOT_ALLOWED = frozenset(
    {
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    }
)


TLS_ALERT = "SSL routines"
"""How the library begins what a broker said against us in TLS, once the handshake was over for us."""

FINAL = frozenset({"_AUTHENTICATION", "_SSL"})
"""The library's own complaints, by its names for them, that end every attempt."""


def why_unreachable(complaints: Sequence[KafkaError], settings: KafkaSettings) -> ClusterError:
    """Return why no broker could be reached, from all that the client complained of meanwhile."""
    by_name = {complaint.name(): complaint.str() for complaint in complaints}
    servers = settings.bootstrap_servers
    if "_AUTHENTICATION" in by_name:
        return SignInRefusedError(
            f"{servers} does not let {settings.sasl_user} in: check {PREFIX}SASL_USER, "
            f"{PREFIX}SASL_PASSWORD (or _FILE) and {PREFIX}SASL_MECHANISM "
            f"({by_name['_AUTHENTICATION']})"
        )
    tls = by_name.get("_SSL") or next((said for said in by_name.values() if TLS_ALERT in said), "")
    if tls:
        return BrokerNotTrustedError(
            f"no TLS with {servers}: check {PREFIX}CA_FILE, which must hold the authority that "
            f"signed the broker, and the client's certificate ({tls})"
        )
    said = by_name.get("_RESOLVE") or by_name.get("_TRANSPORT") or "no answer"
    return BrokerUnreachableError(
        f"no broker answers at {servers}: check that it runs, {PREFIX}BOOTSTRAP_SERVERS "
        f"and {PREFIX}SECURITY_PROTOCOL ({said})"
    )


def why_refused(error: KafkaError, doing: str, settings: KafkaSettings) -> ClusterError:
    """Return why a broker that was reached did not do what it was asked."""
    if error.code() in NOT_ALLOWED:
        return not_allowed(doing, settings)
    return RefusedByBrokerError(f"the broker does not {doing}: {error.str()} ({error.name()})")


def not_allowed(doing: str, settings: KafkaSettings) -> NotAllowedError:
    """Return that whoever is signed in holds no right to do something."""
    return NotAllowedError(
        f"{settings.sasl_user or 'a client without a name'} may not {doing}: sign in as an "
        f"administrator of the brokers by {PREFIX}SASL_USER, or let one run this"
    )


def is_final(complaints: Sequence[KafkaError]) -> bool:
    """Whether what the client complained of will not pass by itself within moments."""
    return any(complaint.name() in FINAL for complaint in complaints)


def are_all_down(complaints: Sequence[KafkaError]) -> bool:
    """Whether every broker was seen down; one of them may have another address, or be starting."""
    return any(complaint.name() == "_ALL_BROKERS_DOWN" for complaint in complaints)
