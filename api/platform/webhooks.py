"""Webhooks for machines: endpoints, their secrets and state, a test call, replays."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Once,
    Search,
    area,
    collection,
    documented,
    entity,
    nothing,
    records,
)
from api.platform.webhook_forms import (
    PreviewOut,
    ReplayIn,
    SecretOut,
    SecretRotation,
    SentOut,
    SettingsOut,
    State,
    WebhookChange,
    WebhookDisabling,
    WebhookIn,
    WebhookOut,
    WebhookPage,
    WebhookTest,
    WebhookTestOut,
)
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.webhooks import actions, queries, signatures, testing
from core.platform.webhooks.actions import Made, Window
from core.platform.webhooks.models import Webhook

router = area("/superadmin/webhooks", "webhooks")
PATH = "/api/v1/superadmin/webhooks"


def _settings(webhook: Webhook) -> dict[str, Any]:
    return SettingsOut.model_validate(webhook).model_dump()


def _with_secret(made: Made) -> dict[str, Any]:
    return _settings(made.webhook) | {"secret": made.secret, "public_key": signatures.public_key(made.secret)}


def _version(actor: Actor, webhook_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, webhook_id)["version"]))


@router.get("", response_model=WebhookPage)
def list_webhooks(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    search: Annotated[Search, Query(description="Start of a name or host, or an id.")] = "",
    state: Annotated[tuple[State, ...], Query()] = (),
    event: Annotated[str, Query(max_length=200, description="Only those that hear this event type.")] = "",
    tenant_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The webhooks in your scope, newest first, with their health."""
    page = queries.listing(actor, queries.Filters(search, state, event, tenant_id), after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=SecretOut)
def create_webhook(request: Request, actor: CurrentActor, given: WebhookIn, once: Once) -> Response:
    """Makes an endpoint that hears from now on. The secret is in this answer; later only people see it."""
    made = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _with_secret(made), status=201, location=f"{PATH}/{made.webhook.id}")


@router.get("/{webhook_id}", response_model=WebhookOut)
def get_webhook(request: Request, actor: CurrentActor, webhook_id: UUID) -> Response:
    """One webhook, with its version as ETag."""
    return entity(request, queries.one(actor, webhook_id))


@router.patch("/{webhook_id}", response_model=SettingsOut)
def change_webhook(
    request: Request, actor: CurrentActor, webhook_id: UUID, given: WebhookChange, match: IfMatch
) -> Response:
    """Changes a webhook. With If-Match, 412 when somebody was faster; without it, your values win."""
    asked = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in asked.items() if value is not None or name == "retry_after_s"}
    version = _version(actor, webhook_id, match) or int(queries.one(actor, webhook_id)["version"])
    return entity(request, _settings(actions.edit(actor, webhook_id, version=version, **values)))


@router.delete("/{webhook_id}", status_code=204, responses=documented(428))
def delete_webhook(
    actor: CurrentActor, webhook_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Removes a webhook and what waits for it. If-Match is required."""
    match.require()
    actions.delete(actor, webhook_id, reason=reason, version=_version(actor, webhook_id, match))
    return nothing()


@router.post("/{webhook_id}/rotate", response_model=SecretOut)
def rotate_webhook(request: Request, actor: CurrentActor, webhook_id: UUID, given: SecretRotation) -> Response:
    """A new secret. For 24 hours messages are signed with the previous one, too."""
    return entity(request, _with_secret(actions.rotate(actor, webhook_id, signing=given.signing, secret=given.secret)))


@router.post("/{webhook_id}/enable", response_model=SettingsOut)
def enable_webhook(request: Request, actor: CurrentActor, webhook_id: UUID) -> Response:
    """Sends again, what waits first. Test it before."""
    return entity(request, _settings(actions.enable(actor, webhook_id)))


@router.post("/{webhook_id}/disable", response_model=SettingsOut)
def disable_webhook(request: Request, actor: CurrentActor, webhook_id: UUID, given: WebhookDisabling) -> Response:
    """Sends nothing more. What waits stays; what happens meanwhile is not kept for it."""
    return entity(request, _settings(actions.disable(actor, webhook_id, reason=given.reason)))


@router.post("/{webhook_id}/test", response_model=WebhookTestOut)
def test_webhook(request: Request, actor: CurrentActor, webhook_id: UUID, given: WebhookTest) -> Response:
    """Calls the endpoint once with a sample and waits for its answer; a disabled one too."""
    body = orjson.dumps(given.body).decode() if given.body is not None else None
    attempt = testing.test(actor, webhook_id, event_type=given.event_type, body=body)
    return entity(request, WebhookTestOut.model_validate(attempt))


def _window(webhook_id: UUID, since: datetime, until: datetime, only_failed: bool) -> Window:
    if since >= until:
        raise Invalid("The window must end after it begins.", {"until": "Choose a later time than since."})
    return Window(webhook_id, since, until, only_failed)


@router.get("/{webhook_id}/replay", response_model=PreviewOut)
def preview_replay(
    request: Request, actor: CurrentActor, webhook_id: UUID, since: Annotated[Instant, Query()],
    until: Annotated[Instant, Query()], only_failed: bool = True,
) -> Response:  # fmt: skip
    """What a replay of the window would send: how many deliveries, and the first 20."""
    queries.one(actor, webhook_id)
    count, first = queries.replay_preview(actor, _window(webhook_id, since, until, only_failed))
    return entity(request, {"count": count, "first": records(first)})


@router.post("/{webhook_id}/replay", response_model=SentOut)
def replay_webhook(request: Request, actor: CurrentActor, webhook_id: UUID, given: ReplayIn) -> Response:
    """Sends the deliveries of a window again, with their ids of before. 422 when there are more than `expected` by now."""
    window = _window(webhook_id, given.since, given.until, given.only_failed)
    return entity(request, {"deliveries": actions.replay(actor, window, expected=given.expected)})
