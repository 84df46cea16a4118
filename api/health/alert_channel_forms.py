"""What the API of alert channels and routes takes and answers."""

from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.conventions import Out, Strict
from core.health.channels import rules
from core.health.channels.kinds import MAX_URL

Severity = Literal["critical", "warning", "info"]
Status = Literal["waiting", "sent", "failed", "suppressed"]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["The team moved"])]
Why = Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["On-call"])]
Url = Annotated[
    str,
    Field(min_length=1, max_length=MAX_URL, examples=["mail://ops@example.com"],
          description="An Apprise URL such as slack://..., or mail://address,address. It is never shown again."),
]  # fmt: skip
Areas = Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=50, examples=[["servers"]])]
Ids = Annotated[list[UUID], Field(max_length=50)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=rules.LONGEST_MINUTES)]
Weekdays = Annotated[
    list[Annotated[int, Field(strict=True, ge=0, le=6)]],
    Field(max_length=7, description="0 is Monday; none is every day."),
]
Zone = Annotated[str, Field(max_length=60, examples=["Europe/Berlin"])]
Clock = Annotated[time, Field(examples=["08:00:00"], description="Local time of the route's zone.")]


class ChannelSettings(Out):
    """A channel without its URL. `target` is what of it may be shown; empty for services whose URL is all secret."""

    id: UUID
    name: str
    kind: str
    target: str
    is_enabled: bool
    created_at: datetime
    version: int


class ChannelOut(ChannelSettings):
    """A channel and how it does. `last_...` are of the last attempt, null before the first one."""

    last_at: datetime | None
    last_status: Status | None
    last_reason: str | None
    last_error: str | None
    failed_24h: int
    sent_24h: int


class ChannelList(Out):
    items: list[ChannelOut]
    next: None


class ChannelIn(Strict):
    name: Name
    url: Url


class ChannelChange(Strict):
    """Only what is given is changed."""

    name: Name | None = None
    url: Url | None = None


class Disabling(Strict):
    reason: Reason


class TriedOut(Out):
    """`error` is null when the service took the message."""

    is_success: bool
    error: str | None
    duration_ms: float


class NotificationOut(Out):
    """One alert for one channel. `alert_id` is null for a test; what went in one message shares `message_id`."""

    id: UUID
    created_at: datetime
    channel_id: UUID
    channel: str
    alert_id: UUID | None
    reason: Literal["opened", "escalated", "repeat", "resolved", "test"]
    status: Status
    attempts: int
    error: str | None
    next_attempt_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    message_id: UUID | None


class NotificationPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[NotificationOut]
    next: str | None


class RouteOut(Out):
    """Routes are asked by `position`; the first that matches ends the search unless it `continues`."""

    id: UUID
    name: str
    position: int
    is_enabled: bool
    severities: list[Severity]
    areas: list[str]
    weekdays: list[int]
    starts_at: time | None
    ends_at: time | None
    time_zone: str
    channel_ids: list[UUID]
    continues: bool
    escalate_after_minutes: int | None
    escalation_channel_ids: list[UUID]
    repeat_every_minutes: int | None
    created_at: datetime
    version: int


class RouteList(Out):
    items: list[RouteOut]
    next: None


class RouteIn(Strict):
    """Empty severities, areas and weekdays mean all of them; without hours the whole day."""

    name: Name
    channel_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    severities: Annotated[list[Severity], Field(max_length=3)] = Field(default_factory=list)
    areas: Areas = Field(default_factory=list)
    weekdays: Weekdays = Field(default_factory=list)
    starts_at: Clock | None = None
    ends_at: Clock | None = None
    time_zone: Zone = "UTC"
    continues: bool = False
    escalate_after_minutes: Minutes | None = None
    escalation_channel_ids: Ids = Field(default_factory=list)
    repeat_every_minutes: Minutes | None = None


class RouteChange(Strict):
    """Only what is given is changed; null takes hours, escalation and repetition away."""

    name: Name | None = None
    channel_ids: Ids | None = None
    severities: Annotated[list[Severity], Field(max_length=3)] | None = None
    areas: Areas | None = None
    weekdays: Weekdays | None = None
    starts_at: Clock | None = None
    ends_at: Clock | None = None
    time_zone: Zone | None = None
    continues: bool | None = None
    escalate_after_minutes: Minutes | None = None
    escalation_channel_ids: Ids | None = None
    repeat_every_minutes: Minutes | None = None


class RouteMove(Strict):
    """The place that the route gets; 1 is asked first."""

    to: Annotated[int, Field(strict=True, ge=1, le=rules.MAX_ROUTES)]


class ToldOut(Out):
    """`after` and `every` are in seconds: 0 is at once, null is not repeated."""

    route: str
    channel: str
    is_enabled: bool
    after: float
    every: float | None


class ToldList(Out):
    items: list[ToldOut]
    next: None
