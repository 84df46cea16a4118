"""Channels of alerts for machines. The URL of a channel goes in and never comes out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    area,
    collection,
    documented,
    entity,
    nothing,
    records,
)
from api.health.alert_channel_forms import (
    ChannelChange,
    ChannelIn,
    ChannelList,
    ChannelOut,
    ChannelSettings,
    Disabling,
    NotificationPage,
    Status,
    TriedOut,
    Why,
)
from core.health.channels import actions, queries, testing
from core.health.channels.models import AlertChannel
from core.kernel.actor import Actor

router = area("/superadmin/alert-channels", "alert channels")
PATH = "/api/v1/superadmin/alert-channels"


def _channel(row: AlertChannel) -> dict[str, Any]:
    return ChannelSettings.model_validate(row).model_dump()


def _version(actor: Actor, channel_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one_channel(actor, channel_id)["version"]))


@router.get("", response_model=ChannelList)
def list_alert_channels(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every channel, by name, with the outcome of its last message."""
    return collection(request, records(queries.channels(actor)), None, fields=fields)


@router.post("", status_code=201, response_model=ChannelSettings)
def create_alert_channel(request: Request, actor: CurrentActor, given: ChannelIn, once: Once) -> Response:
    """Makes a channel. Its host is checked as that of a webhook is."""
    made = actions.create(actor, name=given.name, url=given.url, once=once)
    return entity(request, _channel(made), status=201, location=f"{PATH}/{made.id}")


@router.get("/{channel_id}", response_model=ChannelOut)
def get_alert_channel(request: Request, actor: CurrentActor, channel_id: UUID) -> Response:
    """One channel, with its version as ETag."""
    return entity(request, queries.one_channel(actor, channel_id))


@router.patch("/{channel_id}", response_model=ChannelSettings)
def change_alert_channel(
    request: Request, actor: CurrentActor, channel_id: UUID, given: ChannelChange, match: IfMatch
) -> Response:
    """Changes the name or the URL. With If-Match, 412 when somebody was faster."""
    version = _version(actor, channel_id, match)
    return entity(request, _channel(actions.edit(actor, channel_id, version=version, name=given.name, url=given.url)))


@router.delete("/{channel_id}", status_code=204, responses=documented(428))
def delete_alert_channel(actor: CurrentActor, channel_id: UUID, match: IfMatch, reason: Why) -> Response:
    """Removes a channel that no route sends to; its delivery log stays. If-Match is required."""
    match.require()
    actions.delete(actor, channel_id, reason=reason, version=_version(actor, channel_id, match))
    return nothing()


@router.post("/{channel_id}/enable", response_model=ChannelSettings)
def enable_alert_channel(request: Request, actor: CurrentActor, channel_id: UUID, match: IfMatch) -> Response:
    """Alerts that open from now on are told to it again."""
    return entity(request, _channel(actions.enable(actor, channel_id, version=_version(actor, channel_id, match))))


@router.post("/{channel_id}/disable", response_model=ChannelSettings)
def disable_alert_channel(
    request: Request, actor: CurrentActor, channel_id: UUID, given: Disabling, match: IfMatch
) -> Response:
    """Nothing is sent to it any more, what waits neither."""
    version = _version(actor, channel_id, match)
    return entity(request, _channel(actions.disable(actor, channel_id, reason=given.reason, version=version)))


@router.post("/{channel_id}/test", response_model=TriedOut)
def test_alert_channel(request: Request, actor: CurrentActor, channel_id: UUID) -> Response:
    """Sends a test message at once, and says what became of it."""
    sent = testing.test(actor, channel_id)
    return entity(request, {"is_success": sent.is_success, "error": sent.error, "duration_ms": sent.duration_ms})


@router.get("/{channel_id}/notifications", response_model=NotificationPage)
def list_alert_notifications(
    request: Request, actor: CurrentActor, fields: Fields, channel_id: UUID,
    status: Annotated[tuple[Status, ...], Query()] = (), cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The delivery log of a channel, newest first; also of one that was removed."""
    page = queries.log(actor, channel_id=channel_id, statuses=status, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)
