"""Why an account has the tasks it has, or none, over REST: what was decided, each gate, and in words."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.retention.task import RetentionTask
from events.judgements import SignalJudged
from events.values import CustomerId, CustomerRef
from infra.desk.reading import InLine
from infra.messages.catalogue import Catalogue
from services.console.looking import Looking
from services.console.tasks.api import Handler, answering
from services.console.tasks.api_documents import WHY_NOT
from services.console.tasks.api_problems import Kind, problem
from services.console.tasks.parts import TaskParts
from services.ops.desk import WhyView, why
from services.ops.reading import Reading
from services.ops.rendering.inbox import why_lines

PATH = "/v1/accounts/{account}/why-not"
MOST_CUSTOMERS = 50


class CustomerWhy(msgspec.Struct, frozen=True):
    """One customer of an account: its open tasks, what was last decided on its signals, and all in words."""

    customer_id: CustomerId
    customer: CustomerRef
    tasks: tuple[RetentionTask, ...]
    decisions: tuple[SignalJudged, ...]
    in_line: tuple[InLine, ...]
    said: tuple[str, ...]

    @classmethod
    def of(cls, view: WhyView) -> "CustomerWhy":
        """Return what is told of a customer; the words are English."""
        said = tuple(why_lines(view, Catalogue()))
        return cls(view.customer_id, view.customer, view.tasks, view.judgements, view.in_line, said)


class WhyNot(msgspec.Struct, frozen=True):
    """An account and its customers, up to 50 of them."""

    account: str
    customers: tuple[CustomerWhy, ...]


class WhyApi(NamedTuple):
    """Makes the route."""

    looking: Looking
    parts: TaskParts

    def router(self) -> APIRouter:
        """Return the route; it stands in the OpenAPI document."""
        router, handler = APIRouter(), answering(self._handler())
        router.add_api_route(PATH, handler, methods=["GET"], **WHY_NOT)
        return router

    def _handler(self) -> Handler:
        async def why_not(request: Request) -> Response:
            account = str(request.path_params["account"]).replace("\0", "")
            known = await self.parts.reader.customers_of(account, MOST_CUSTOMERS)
            asked = known or [CustomerId(account)]  # who has no account is its own
            seen = await self.looking.ask(lambda reading: self._told(reading, asked))
            if not seen.found:
                kind = Kind(HTTPStatus.NOT_FOUND, "unknown-account", "$", "name one of the facts'")
                return problem(kind, "no customer of such an account is known")
            body = msgspec.json.encode(WhyNot(account, tuple(seen.found)))
            return Response(body, media_type="application/json")

        return why_not

    async def _told(
        self, reading: Reading, customers: Sequence[CustomerId]
    ) -> Sequence[CustomerWhy]:
        found = [await why(reading, self.parts.reader, each) for each in customers]
        return [CustomerWhy.of(view) for view in found if isinstance(view, WhyView)]
