"""Providers for machines: who carries messages, who is to be used now, and switching them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Fields,
    IfMatch,
    Once,
    Out,
    Strict,
    area,
    collection,
    documented,
    entity,
    records,
)
from api.health.spans import Since, Until, span
from core.health.providers import actions, queries, rules
from core.health.providers.models import Provider
from core.kernel.actor import Actor

router = area("/superadmin/providers", "providers")
PATH = "/api/v1/superadmin/providers"

Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["twilio"])]
Channel = Annotated[str, Field(min_length=1, max_length=rules.MAX_CHANNEL, examples=["sms"])]
Note = Annotated[str, Field(max_length=rules.MAX_NOTE)]
Ids = Annotated[list[UUID], Field(max_length=queries.LIMIT)]
AskedChannel = Annotated[str, Query(min_length=1, max_length=rules.MAX_CHANNEL, examples=["sms"])]


class ProviderOut(Out):
    """A provider on one channel. `position` counts from 1: the enabled one with the lowest is used."""

    id: UUID
    name: str
    channel: str
    is_enabled: bool
    position: int
    note: str
    disabled_at: datetime | None
    disabled_by_name: str | None
    disabled_reason: str | None
    version: int


class SeenOut(Out):
    """A provider that is configured, seen in messages, or both; ratios from 0 to 1 and durations in ms are null where unknown.

    `status` is of the last hour: healthy below 5 % errors, degraded below 15 %, else down; unknown without traffic. Counts,
    ratios and durations are of the asked time. `cost_24h` maps a currency to an amount; `unpriced_24h` messages told none.
    """

    id: UUID | None
    name: str
    channel: str
    is_configured: bool
    is_enabled: bool | None
    is_active: bool | None
    position: int | None
    version: int | None
    status: Literal["healthy", "degraded", "down", "unknown"]
    messages: int
    sent: int
    delivered: int
    failed: int
    delivery_ratio: float | None
    error_ratio: float | None
    p50_ms: float | None
    p95_ms: float | None
    cost_24h: dict[str, str]
    unpriced_24h: int


class ProviderPage(Out):
    """All of them: `next` is always null."""

    items: list[SeenOut]
    next: str | None


class RouteOut(Out):
    """Who is to be used now, and who follows in which order; `active` is null when nobody is enabled."""

    channel: str
    active: str | None
    order: list[str]


class ProviderIn(Strict):
    """A new provider; it is the last of its channel."""

    name: Name
    channel: Channel
    note: Note = ""
    is_enabled: bool = True


class ProviderChange(Strict):
    """Only what is given is changed."""

    name: Name | None = None
    note: Note | None = None


class Disabling(Strict):
    """Why, for the audit. The last enabled provider of a channel goes only with `leave_none`."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    leave_none: bool = False


class Order(Strict):
    """Every provider of the channel in the new order. With `was`, the order you saw, 409 when it is another by now."""

    channel: Channel
    provider_ids: Ids
    was: Ids | None = None


def _row(row: Provider) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ProviderOut.model_fields}


def _version(actor: Actor, provider_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, provider_id)["version"]))


@router.get("", response_model=ProviderPage)
def list_providers(
    request: Request, actor: CurrentActor, fields: Fields, since: Since = None, until: Until = None
) -> Response:
    """Every provider, configured or seen in messages of the time (by default the last 24 hours)."""
    frame = queries.directory(actor, *span(since, until))
    named = frame.rename(columns={"provider": "name", "p50": "p50_ms", "p95": "p95_ms"})
    costs = [
        {currency: str(amount) for currency, amount in cost.items()} if isinstance(cost, dict) else {}
        for cost in named["cost_24h"]
    ]
    shown = named.drop(columns="cost_24h")[[name for name in SeenOut.model_fields if name != "cost_24h"]]
    items = [row | {"cost_24h": cost} for row, cost in zip(records(shown), costs, strict=True)]
    return collection(request, items, fields=fields)


@router.get("/route", response_model=RouteOut)
def get_provider_route(request: Request, actor: CurrentActor, channel: AskedChannel) -> Response:
    """Who is to be used on a channel now, and who follows when that one is disabled."""
    found = queries.route(actor, channel)
    return entity(request, {"channel": found.channel, "active": found.active, "order": list(found.order)})


@router.put("/order", response_model=RouteOut, responses=documented(409))
def order_providers(request: Request, actor: CurrentActor, given: Order) -> Response:
    """Sets the order of a channel."""
    actions.reorder(actor, given.channel, given.provider_ids, was=given.was)
    return get_provider_route(request, actor, given.channel)


@router.post("", status_code=201, response_model=ProviderOut)
def create_provider(request: Request, actor: CurrentActor, given: ProviderIn, once: Once) -> Response:
    """Adds a provider as the last of its channel."""
    row = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _row(row), status=201, location=f"{PATH}/{row.id}")


@router.get("/{provider_id}", response_model=ProviderOut)
def get_provider(request: Request, actor: CurrentActor, provider_id: UUID) -> Response:
    """One configured provider, with its version as ETag."""
    return entity(request, queries.one(actor, provider_id))


@router.patch("/{provider_id}", response_model=ProviderOut)
def change_provider(
    request: Request, actor: CurrentActor, provider_id: UUID, given: ProviderChange, match: IfMatch
) -> Response:
    """Changes name or note. With If-Match, 412 when somebody was faster."""
    values = {name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None}
    row = actions.update(actor, provider_id, version=_version(actor, provider_id, match), **values)
    return entity(request, _row(row))


@router.post("/{provider_id}/enable", response_model=ProviderOut)
def enable_provider(request: Request, actor: CurrentActor, provider_id: UUID, match: IfMatch) -> Response:
    """Lets a provider be used again, in its place of the order."""
    row = actions.enable(actor, provider_id, version=_version(actor, provider_id, match))
    return entity(request, _row(row))


@router.post("/{provider_id}/disable", response_model=ProviderOut)
def disable_provider(
    request: Request, actor: CurrentActor, provider_id: UUID, given: Disabling, match: IfMatch
) -> Response:
    """Takes a provider out of use; when it was the active one, the next enabled follows."""
    version = _version(actor, provider_id, match)
    row = actions.disable(actor, provider_id, reason=given.reason, leave_none=given.leave_none, version=version)
    return entity(request, _row(row))
