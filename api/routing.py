"""The kind of route that every router of the API has."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.bodies import Call, require_acceptable, require_json, require_text
from api.deprecation import MARK, announcing
from api.idempotency import Replay, repeated, settle

PRODUCES = "x-produces"


class Route(APIRoute):
    """Checks what a call brings before it is parsed, repeats an answer under its idempotency key, announces its own end."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        has_body = self.body_field is not None
        produced = (self.openapi_extra or {}).get(PRODUCES, "application/json")

        async def checked(request: Request) -> Response:
            call = Call(request.scope, request.receive)
            require_text(call.scope)
            require_acceptable(call.headers, produced)
            if has_body and (await call.body() or "content-type" in call.headers):
                require_json(call.headers)
            response = None
            try:
                response = await handle(call)
            except Replay as replay:
                return repeated(replay.answer)
            finally:
                await settle(call, response)
            return response

        return checked

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = (self.openapi_extra or {}).get(MARK)
        await super().handle(scope, receive, announcing(send, told) if told else send)


def _operation_id(route: APIRoute) -> str:
    return route.name


def area(prefix: str, tag: str, *, base: str = "/v1") -> APIRouter:
    """A router of the API: `/superadmin/tenants` below `base`, and the word under which its operations are listed."""
    return APIRouter(prefix=base + prefix, tags=[tag], route_class=Route, generate_unique_id_function=_operation_id)


class Version:
    """The areas of one version. Their routes have their whole path already, so they go into one flat list: a call is not
    handed down through a tree of routers."""

    def __init__(self, api: FastAPI) -> None:
        self.api = api

    def include_router(self, router: APIRouter) -> None:
        self.api.router.routes.extend(router.routes)
