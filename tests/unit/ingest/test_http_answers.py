"""How results become answers: every reason has its status, and a batch is told event by event."""

import json

import msgspec
import pytest

from infra.log.records import Appended, Duplicate, Suspended
from services.ingest.answers import answer_batch, answer_single
from services.ingest.door import Refusal, RefusalReason
from services.ingest.intake import Refused, Unreadable
from services.ingest.problems import answer_unread, log_unavailable, problem_of, suspended
from tests.unit.ingest.door_given import event

WRONG = Refused(Refusal(RefusalReason.INVALID, "$.data.kind", "Invalid enum value 'x'", "mend it"))
LATE = Refused(Refusal(RefusalReason.TOO_LATE, "$.time", "92 days", "import it"), "ab" * 16)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("malformed", 400),
        ("missing", 400),
        ("media-type", 415),
        ("too-large", 413),
        ("unknown-type", 422),
        ("invalid", 422),
        ("wrong-currency", 422),
        ("future", 422),
        ("too-late", 422),
        ("too-old", 422),
        ("conflict", 409),
    ],
)
def test_every_reason_has_its_status_and_its_stable_type(reason: str, status: int) -> None:
    problem = problem_of(Refused(Refusal(RefusalReason(reason), "$", "what is wrong", "mend it")))

    assert problem.status == status
    assert problem.type == f"urn:holdfast:problem:{reason}"
    assert problem.reason == reason
    assert problem.title


def test_no_reason_is_left_without_a_status() -> None:
    for reason in RefusalReason:
        assert problem_of(Refused(Refusal(reason, "$", "", ""))).status >= 400


def test_one_accepted_event() -> None:
    answer = answer_single(Appended(17))

    assert (answer.status_code, answer.body) == (202, b'{"status":"accepted"}')
    assert answer.headers["content-type"] == "application/json"


def test_one_duplicate() -> None:
    answer = answer_single(Duplicate())

    assert (answer.status_code, answer.body) == (202, b'{"status":"duplicate"}')


def test_one_refused_event() -> None:
    answer = answer_single(WRONG)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(answer.body)) == {
        "type": "urn:holdfast:problem:invalid",
        "title": "A field is wrong",
        "status": 422,
        "detail": "Invalid enum value 'x'",
        "field": "$.data.kind",
        "reason": "invalid",
        "mend": "mend it",
    }


def test_a_dead_letter_is_named() -> None:
    assert json.loads(bytes(answer_single(LATE).body))["dead_letter"] == "ab" * 16


def test_one_suspended_event() -> None:
    answer = answer_single(Suspended("imp-7"))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert msgspec.json.encode(suspended("imp-7")) == answer.body


def test_a_log_that_cannot_write_is_worth_coming_back_for() -> None:
    assert log_unavailable().status == 503
    assert log_unavailable().type == "urn:holdfast:problem:log-unavailable"


def test_what_was_not_read_ends_the_connection() -> None:
    assert answer_unread(WRONG.refusal).headers["connection"] == "close"
    assert "connection" not in answer_single(WRONG).headers


def test_a_batch_in_which_all_stands() -> None:
    arrivals = [event(event_id="u-1"), event(event_id="u-2")]

    answer = answer_batch(arrivals, [Appended(1), Duplicate()])

    assert answer.status_code == 202
    assert json.loads(bytes(answer.body)) == {
        "accepted": 1,
        "duplicate": 1,
        "results": [
            {"index": 0, "id": "u-1", "source": "billing", "status": "accepted"},
            {"index": 1, "id": "u-2", "source": "billing", "status": "duplicate"},
        ],
    }


def test_a_batch_in_which_something_was_refused_is_no_success() -> None:
    nameless = Unreadable(WRONG.refusal)
    arrivals = [event(event_id="u-1"), nameless, event(event_id="u-3")]

    answer = answer_batch(arrivals, [Appended(1), WRONG, LATE])
    told = json.loads(bytes(answer.body))

    assert answer.status_code == told["status"] == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == "urn:holdfast:problem:batch"
    assert told["detail"] == "2 of 3 events were refused; the others stand in the log"
    assert (told["accepted"], told["duplicate"], told["refused"]) == (1, 0, 2)
    assert [result["status"] for result in told["results"]] == ["accepted", "refused", "refused"]
    assert told["results"][1]["id"] == ""
    assert told["results"][1]["problem"]["field"] == "$.data.kind"
    assert told["results"][2]["problem"]["dead_letter"] == "ab" * 16


def test_a_suspended_batch_is_to_be_sent_again_whole() -> None:
    answer = answer_batch([event(), event()], [Suspended("imp-7"), Suspended("imp-7")])

    assert answer.status_code == 503
    assert json.loads(bytes(answer.body))["reason"] == "suspended"
