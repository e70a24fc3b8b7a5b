"""Names of consumer groups. Each begins with the name of the principal that may use it."""

from infra.kafka.settings import KafkaSettings


def profiles_group(settings: KafkaSettings, projection: str) -> str:
    """Return the group whose members share the partitions of a projection among them."""
    return f"{_own(settings.profiles_principal)}-{settings.topic_prefix}{projection}"


def learning_group(settings: KafkaSettings, projection: str) -> str:
    """Return the group of whose members one learns."""
    return f"{_own(settings.learning_principal)}-{settings.topic_prefix}{projection}"


def alerts_group(settings: KafkaSettings) -> str:
    """Return the group whose members share the signals among them."""
    return f"{_own(settings.alerts_principal)}-{settings.topic_prefix}signals"


def _own(principal: str) -> str:
    return principal.partition(":")[2]
