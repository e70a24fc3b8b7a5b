"""Why nothing goes: of all that a client complained of, what whoever reads it can mend."""

import pytest
from confluent_kafka import KafkaError

from infra.kafka.cluster_errors import (
    BrokerNotTrustedError,
    BrokerUnreachableError,
    ClusterError,
    NotAllowedError,
    RefusedByBrokerError,
    SignInRefusedError,
    are_all_down,
    is_final,
    why_refused,
    why_unreachable,
)
from infra.kafka.settings import KafkaSettings, SecurityProtocol

SETTINGS = KafkaSettings(
    bootstrap_servers="a.example:9092", security_protocol=SecurityProtocol.PLAINTEXT
)
REFUSED = KafkaError(KafkaError._TRANSPORT, "Connect to a.example:9092 failed: refused")
ALERT = KafkaError(KafkaError._TRANSPORT, "Receive failed: error:0A000412:SSL routines::alert")
DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
PASSWORD = KafkaError(KafkaError._AUTHENTICATION, "invalid credentials")
CERTIFICATE = KafkaError(KafkaError._SSL, "certificate verify failed")
UNKNOWN_NAME = KafkaError(KafkaError._RESOLVE, "Failed to resolve a.example")


@pytest.mark.parametrize(
    ("complaints", "kind", "said"),
    [
        ([REFUSED, DOWN], BrokerUnreachableError, "failed: refused"),
        ([UNKNOWN_NAME, REFUSED, DOWN], BrokerUnreachableError, "Failed to resolve"),
        ([], BrokerUnreachableError, "no answer"),
        ([CERTIFICATE, DOWN], BrokerNotTrustedError, "certificate verify failed"),
        ([ALERT, DOWN], BrokerNotTrustedError, "SSL routines::alert"),
        ([REFUSED, PASSWORD, DOWN], SignInRefusedError, "invalid credentials"),
    ],
)
def test_the_complaint_that_explains_most_is_told(
    complaints: list[KafkaError], kind: type[ClusterError], said: str
) -> None:
    why = why_unreachable(complaints, SETTINGS)

    assert type(why) is kind
    assert "a.example:9092" in str(why)
    assert said in str(why)


@pytest.mark.parametrize(
    ("complaints", "final"),
    [([], False), ([REFUSED, DOWN], False), ([CERTIFICATE], True), ([PASSWORD], True)],
)
def test_some_complaints_will_not_pass_by_waiting(
    complaints: list[KafkaError], *, final: bool
) -> None:
    assert is_final(complaints) is final


def test_brokers_are_all_down_once_the_library_says_so() -> None:
    assert are_all_down([REFUSED, DOWN])
    assert not are_all_down([REFUSED])


def test_a_missing_right_names_who_lacks_it() -> None:
    signed_in = SETTINGS.model_copy(update={"sasl_user": "ops"})
    error = KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED)

    assert str(why_refused(error, "give rights", signed_in)).startswith("ops may not give rights")
    nameless = why_refused(error, "give rights", SETTINGS)
    assert isinstance(nameless, NotAllowedError)
    assert str(nameless).startswith("a client without a name may not give rights")


def test_any_other_refusal_carries_the_words_of_the_broker() -> None:
    error = KafkaError(KafkaError.INVALID_REPLICATION_FACTOR, "larger than available brokers")

    why = why_refused(error, "create topics", SETTINGS)

    assert isinstance(why, RefusedByBrokerError)
    assert str(why) == (
        "the broker does not create topics: larger than available brokers "
        "(INVALID_REPLICATION_FACTOR)"
    )
