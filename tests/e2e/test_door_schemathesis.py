"""Schemathesis drives the door by its own OpenAPI document: no crash, no answer that is not in it."""

import asyncio

import schemathesis
from fastapi import FastAPI
from hypothesis import settings
from schemathesis.config import SchemathesisConfig

from services.ingest.api import events_router
from tests.unit.ingest.door_given import StandingClock, intake_of, opened_log

REFUSED = ["400", "409", "413", "415", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSED},
            # A schema cannot say which time is too late, nor that ce- headers belong to one mode.
            "positive_data_acceptance": {"expected-statuses": ["202", *REFUSED]},
        }
    }
)


def app() -> FastAPI:
    clock = StandingClock("2026-03-14T12:00:00+00:00")
    log = asyncio.run(opened_log(clock))
    served = FastAPI()
    served.include_router(events_router(intake_of(log, clock)))
    return served


SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", app(), config=CONFIG)


@SCHEMA.parametrize()
@settings(max_examples=300)
def test_the_door_does_as_its_openapi_document_says(case: schemathesis.Case) -> None:
    case.call_and_validate()
